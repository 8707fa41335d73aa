#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace enxame::http {

using TimePoint = std::chrono::steady_clock::time_point;

/// How slowly bytes may move: time for what does not depend on their number, and a rate.
struct Pace {
  std::chrono::milliseconds timeout;
  std::size_t minimum_rate = kMinimumRate;  ///< bytes per second

  static constexpr std::size_t kMinimumRate = 16 * 1024;
};

/// A deadline on progress: bytes that move put it off by the time that they take at the minimum
/// rate, but never beyond the timeout from now. A large body has the time that it needs; one that
/// stands still, or trickles, has no more than the timeout.
class Deadline {
 public:
  explicit Deadline(const Pace& pace, TimePoint now = std::chrono::steady_clock::now())
      : pace_(pace), at_(now + pace.timeout) {}

  TimePoint at() const { return at_; }

  void moved(std::size_t bytes, TimePoint now = std::chrono::steady_clock::now()) {
    const std::chrono::duration<double> earned(static_cast<double>(bytes) /
                                               static_cast<double>(pace_.minimum_rate));
    at_ = std::min(now + pace_.timeout,
                   at_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(earned));
  }

 private:
  Pace pace_;
  TimePoint at_;
};

}  // namespace enxame::http
