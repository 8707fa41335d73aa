#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "load/sample.h"

namespace enxame::load {

/// A time in which this process should have run and did not.
struct Stall {
  Clock::time_point begin;
  Clock::time_point end;
  Duration starved{};  ///< the part of it in which it could have run and waited for a processor
};

/// What the stalls of some time come to.
struct StallTotals {
  Duration stopped{};    ///< all of them together, less what they were starved
  Duration longest{};    ///< of these, the longest
  Duration starved{};    ///< waiting for a processor
  Duration suspended{};  ///< the machine slept, which no monotonic clock counts
};

/// The parts of `stalls` between `from` and `to`; `suspended` stays zero.
StallTotals sum_of(const std::vector<Stall>& stalls, Clock::time_point from, Clock::time_point to);

/// Notices when this process does not run: a thread sets itself an alarm again and again, and looks
/// how late it wakes. What the process misses while it is stopped (SIGSTOP, a frozen control group,
/// a virtual machine that is paused) the load would charge to the system that it measures.
///
/// A busy machine wakes it late, too, but then the kernel counts the wait for a processor
/// (schedstat, https://docs.kernel.org/scheduler/sched-stats.html), and the two are told apart. Of
/// a machine that sleeps CLOCK_BOOTTIME knows and CLOCK_MONOTONIC does not: clock_gettime(2).
class StallWatch {
 public:
  /// Later than this is a stall.
  static constexpr std::chrono::milliseconds kTolerance{50};

  StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  /// What happened between `from` and `to`, which is now or before; of the suspension, since this
  /// was made. Waits for the next alarm (20 ms), so that a stall that has just ended is among them.
  StallTotals between(Clock::time_point from, Clock::time_point to) const;

 private:
  void watch(const std::stop_token& stop);

  const Duration slept_at_start_;
  mutable std::mutex mutex_;
  mutable std::condition_variable rang_;
  std::uint64_t alarms_ = 0;
  std::vector<Stall> stalls_;
  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace enxame::load
