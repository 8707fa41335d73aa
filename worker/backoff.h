#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

namespace enxame::worker {

/// How long to pause after each failure in a row: 0.25 s, then twice as long each time, at most 5
/// s.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{250};
  static constexpr std::chrono::milliseconds kLongest{5000};

  /// The pause after one more failure.
  std::chrono::milliseconds next() {
    ++failures_;
    return std::exchange(pause_, std::min(pause_ * 2, kLongest));
  }

  /// It worked: the next failure is a first one.
  void reset() { *this = Backoff(); }

  /// Failures since the last reset.
  int failures() const { return failures_; }

 private:
  std::chrono::milliseconds pause_ = kFirst;
  int failures_ = 0;
};

}  // namespace enxame::worker
