#pragma once

#include <chrono>
#include <functional>
#include <random>
#include <utility>

#include "coordinator/store/instant.h"

namespace enxame::coordinator {

/// The monotonic clock of one coordinator, under an identity that no other has.
class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Now = std::function<TimePoint()>;

  explicit Clock(Now now) : now_(std::move(now)) {}

  Instant read() const { return {id_, now_().time_since_epoch()}; }

  /// A reading of this clock.
  static TimePoint to_time_point(const Instant& at) { return TimePoint(at.reading); }

 private:
  static ClockId draw_id() {
    std::random_device random;
    return ClockId{std::uint64_t{random()} << 32 | random()};
  }

  const ClockId id_ = draw_id();
  const Now now_;
};

}  // namespace enxame::coordinator
