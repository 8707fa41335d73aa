#pragma once

#include <chrono>
#include <memory>

#include "matmul/timing/phases.h"

namespace enxame::load {

/// The rate of a load as time passes, by its integral: how many arrivals are expected from the
/// start on. A rate never ends: whatever was expected, more will be. Immutable.
///
/// Rates compose: ramp(10, 200, 30s), and inside of a pause of five seconds in front of it,
/// start_at(5s, ramp(10, 200, 30s)).
class Rate {
 public:
  virtual ~Rate() = default;

  /// How many arrivals are expected until `ns` nanoseconds after the start, 0 or more. Does not
  /// decrease with time.
  virtual double arrivals_by(double ns) const = 0;

  /// When more than `arrivals`, 0 or more, are expected, in nanoseconds after the start: the
  /// inverse of arrivals_by(), and the end of a pause in which there are none.
  virtual double time_ns_of(double arrivals) const = 0;
};

using RatePtr = std::shared_ptr<const Rate>;

/// The least and most that a rate may be, in arrivals per second.
inline constexpr double kLowestRatePerS = 0.001;
inline constexpr double kHighestRatePerS = 1e6;

// What follows throws std::invalid_argument for a rate that is not from the lowest to the highest,
// and for a time that is not above zero.

/// Always the same.
RatePtr constant(double per_s);

/// From one rate to another in a straight line over `time`, then the other. `from_per_s` may also
/// be 0.
RatePtr ramp(double from_per_s, double to_per_s, Duration time);

/// The one until `time`, then the other as if it began there.
RatePtr step(RatePtr before, Duration time, RatePtr after);

/// No arrivals until `time`, then `rate` as if it began there.
RatePtr start_at(Duration time, RatePtr rate);

/// The first `period` of `rate`, again and again. Throws std::invalid_argument also when it has no
/// arrivals.
RatePtr repeat(RatePtr rate, Duration period);

/// At the start of each `period` `inside` for `length`, and `between` for the rest of it. Throws
/// std::invalid_argument also when `length` is not shorter than `period`.
RatePtr burst(RatePtr inside, Duration length, RatePtr between, Duration period);

}  // namespace enxame::load
