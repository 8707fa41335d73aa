#pragma once

#include <chrono>
#include <utility>

#include "matmul/timing/phases.h"

namespace enxame {

/// What the monotonic clock of this process shows, since its origin.
inline Duration monotonic_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

/// Cuts the time that passes into laps that leave no gap: each lap begins where the last one ended.
class Stopwatch {
 public:
  /// The time since the construction or the last lap.
  Duration lap() {
    const auto now = Clock::now();
    return std::chrono::duration_cast<Duration>(now - std::exchange(lap_began_, now));
  }

  /// When the lap that is under way began, since the clock's origin.
  Duration lap_began_at() const {
    return std::chrono::duration_cast<Duration>(lap_began_.time_since_epoch());
  }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point lap_began_ = Clock::now();
};

}  // namespace enxame
