#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

namespace enxame::net {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

inline constexpr TimePoint kNever = TimePoint::max();

/// How slowly bytes may move: time for what does not depend on their number, and a rate.
struct Pace {
  std::chrono::milliseconds timeout;
  std::size_t minimum_rate = kMinimumRate;  ///< bytes per second

  static constexpr std::size_t kMinimumRate = 16 * 1024;

  /// What `bytes` take at the minimum rate.
  Clock::duration time_for(std::size_t bytes) const {
    const std::chrono::duration<double> time(static_cast<double>(bytes) /
                                             static_cast<double>(minimum_rate));
    return std::chrono::duration_cast<Clock::duration>(time);
  }
};

/// When a transfer has fallen behind the minimum rate by the timeout, if it would have at `at` and
/// then `bytes` moved. For a transfer that goes on although it has: what it had missed is forgiven.
inline TimePoint moved_on(TimePoint at, std::size_t bytes, const Pace& pace, TimePoint now) {
  return std::min(now + pace.timeout, std::max(at, now) + pace.time_for(bytes));
}

/// By when a transfer has to have ended, or got on.
class Deadline {
 public:
  /// A deadline on progress: bytes that move put it off by the time that they take at the minimum
  /// rate, but never beyond the timeout from now. A large body has the time that it needs; one that
  /// stands still, or trickles, has no more than the timeout.
  explicit Deadline(const Pace& pace, TimePoint now = Clock::now())
      : at_(now + pace.timeout), pace_(pace) {}

  /// One that nothing puts off: all of it by then, however it moves.
  explicit Deadline(TimePoint at) : at_(at) {}

  TimePoint at() const { return at_; }

  void moved(std::size_t bytes, TimePoint now = Clock::now()) {
    if (pace_) at_ = std::min(now + pace_->timeout, at_ + pace_->time_for(bytes));
  }

 private:
  TimePoint at_;
  std::optional<Pace> pace_{};
};

}  // namespace enxame::net
