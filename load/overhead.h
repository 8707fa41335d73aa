#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace enxame::load {

/// Nanoseconds per request, over repetitions of each of which the mean is known.
struct Spread {
  double median_ns = 0;
  double min_ns = 0;
  double max_ns = 0;
};

/// What the load generator costs per request, measured on a system that takes no time.
struct Overhead {
  std::size_t n;
  std::size_t repetitions;
  std::size_t requests;  ///< in each repetition
  Spread inside;   ///< in the response time: the call of the interface, and reading the clock once
  Spread between;  ///< from one response to the next submit, all that follows included
  Spread check;    ///< of `between`: the check of an n × n product
  Spread row;      ///< of `between`: the row in the samples file
};

struct OverheadOptions {
  std::size_t n;
  std::uint64_t seed;
  std::size_t repetitions;
  std::size_t requests;  ///< in each repetition
  std::string samples;   ///< where the rows go meanwhile
};

/// Has one client of a closed loop make requests whose products lie ready. Throws
/// std::runtime_error when the rows cannot be written or a ready product does not pass the check.
Overhead measure_overhead(const OverheadOptions& options);

}  // namespace enxame::load
