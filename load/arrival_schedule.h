#pragma once

#include <cstdint>
#include <string_view>

#include "matmul/splitmix64.h"
#include "matmul/timing/phases.h"

namespace enxame::load {

/// How the arrivals of an open loop are spread over time.
enum class ArrivalProcess {
  poisson,  ///< independent of each other: exponential gaps
  uniform,  ///< equal gaps
};

/// "poisson" or "uniform".
std::string_view to_string(ArrivalProcess process);

/// When requests arrive, one after the other without end. The same for the same process, rate and
/// seed on every machine whose logarithm rounds alike, so that every system of an experiment is
/// given the same arrivals. It cannot drift: an offset is rounded to the nanosecond once, from the
/// exact sum (poisson) or product (uniform), and no offset depends on when anything happened.
class ArrivalSchedule {
 public:
  static constexpr double kLowestRatePerS = 0.001;
  static constexpr double kHighestRatePerS = 1e6;

  /// Throws std::invalid_argument unless `rate_per_s` is from the lowest to the highest.
  ArrivalSchedule(ArrivalProcess process, double rate_per_s, std::uint64_t seed);

  /// The next arrival, as the time since the schedule began.
  Duration next();

 private:
  double next_exponential_gap_ns();

  ArrivalProcess process_;
  double mean_gap_ns_;
  SplitMix64 random_;
  std::uint64_t arrivals_ = 0;
  double elapsed_ns_ = 0;
};

}  // namespace enxame::load
