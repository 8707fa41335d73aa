#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

namespace enxame::rpc {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

inline constexpr Deadline kNever = Deadline::max();

/// The slowest that a peer may move a message which takes long.
inline constexpr std::size_t kSlowestBytesPerSecond = std::size_t{64} << 10;

/// By when more of a message has to have moved. For those who serve: in a time that passes while
/// nothing moves, and comes back with bytes at the slowest rate that is borne. A large message over
/// a slow line passes then; a byte now and then, or much at once and then nothing, keeps a
/// connection no longer than that time.
class Pace {
 public:
  /// All of it by `deadline`, however it moves.
  Pace(Deadline deadline) : deadline_(deadline) {}  // NOLINT(google-explicit-constructor)

  static Pace within(std::chrono::milliseconds time) {
    Pace pace(Clock::now() + time);
    pace.time_ = time;
    return pace;
  }

  Deadline deadline() const { return deadline_; }

  void moved(std::size_t bytes) {
    if (!time_) return;
    const auto earned = std::chrono::microseconds(bytes * 1'000'000 / kSlowestBytesPerSecond);
    deadline_ = std::min(deadline_ + earned, Clock::now() + *time_);
  }

 private:
  Deadline deadline_;
  std::optional<std::chrono::milliseconds> time_{};
};

}  // namespace enxame::rpc
