#pragma once

#include <cstdint>
#include <string_view>

#include "load/arrivals/rate.h"
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
/// number of arrivals that are expected before it, and no offset depends on when anything happened.
///
/// A process at rate 1 is stretched so that it has the rate asked for at each moment: an arrival
/// comes when as many are expected as the process has had time units (Çinlar, Introduction to
/// Stochastic Processes, 1975, §4.7).
class ArrivalSchedule {
 public:
  /// At a rate that changes. `rate` is not null.
  ArrivalSchedule(ArrivalProcess process, RatePtr rate, std::uint64_t seed);

  /// At a constant rate. Throws std::invalid_argument as constant() does.
  ArrivalSchedule(ArrivalProcess process, double rate_per_s, std::uint64_t seed)
      : ArrivalSchedule(process, constant(rate_per_s), seed) {}

  /// The next arrival, as the time since the schedule began.
  Duration next();

 private:
  double next_exponential_gap();

  ArrivalProcess process_;
  RatePtr rate_;
  SplitMix64 random_;
  double elapsed_ = 0;  // of the process at rate 1
};

}  // namespace enxame::load
