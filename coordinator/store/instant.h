#pragma once

#include <cstdint>
#include <stdexcept>

#include "matmul/timing/phases.h"

namespace enxame::coordinator {

/// Which monotonic clock a reading comes from: each coordinator's has an identity of its own, so
/// that what one of them wrote down is not taken for a reading of another's.
enum class ClockId : std::uint64_t {};

/// A reading of a monotonic clock.
struct Instant {
  ClockId clock{};
  Duration reading{};
};

/// How much later; throws std::logic_error for readings of two clocks.
inline Duration operator-(const Instant& later, const Instant& earlier) {
  if (later.clock != earlier.clock) throw std::logic_error("the instants are of two clocks");
  return later.reading - earlier.reading;
}

}  // namespace enxame::coordinator
