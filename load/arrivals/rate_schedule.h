#pragma once

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "load/arrivals/rate.h"
#include "matmul/timing/phases.h"

namespace enxame::load {

/// How the rate of an open load changes within its window, in multiples of a rate.
///
///     constant                    always the rate itself
///     ramp:FROM:TO                in a straight line over the window: "ramp:0.1:2"
///     step:A,B,…                  each for as long, one after the other: "step:0.5,1,2"
///     burst:BASE:PEAK:EVERY:FOR   BASE, and PEAK in the last FOR seconds of every EVERY seconds
///
/// After the window it stays as it was at the window's end; bursts go on.
class RateSchedule {
 public:
  /// Throws std::invalid_argument that quotes `text` and says what was expected.
  static RateSchedule parse(std::string_view text);

  /// From `lead_in`, 0 or more, before a window of `window` on; until the window opens the rate is
  /// that of its beginning. Throws std::invalid_argument for a rate that is out of bounds (rate.h).
  RatePtr over(double per_s, Duration lead_in, Duration window) const;

  /// Whether the rate changes at all.
  bool varies() const { return !std::holds_alternative<Constant>(kind_); }

 private:
  struct Constant {};
  struct Ramp {
    double from;
    double to;
  };
  struct Steps {
    std::vector<double> multiples;
  };
  struct Bursts {
    double base;
    double peak;
    Duration every;
    Duration length;
  };
  using Kind = std::variant<Constant, Ramp, Steps, Bursts>;

  explicit RateSchedule(Kind kind) : kind_(std::move(kind)) {}

  RatePtr within(double per_s, Duration window) const;
  double first_multiple() const;

  Kind kind_;
};

}  // namespace enxame::load
