#include "load/stalls.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

namespace enxame::load {
namespace {

constexpr std::chrono::milliseconds kInterval{20};

Duration now_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// For how long this machine has slept since it started.
Duration slept() { return now_of(CLOCK_BOOTTIME) - now_of(CLOCK_MONOTONIC); }

/// For how long the thread that made it has waited for a processor.
class RunQueueClock {
 public:
  RunQueueClock() : file_(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}
  ~RunQueueClock() {
    if (file_ >= 0) close(file_);
  }
  RunQueueClock(const RunQueueClock&) = delete;
  RunQueueClock& operator=(const RunQueueClock&) = delete;

  /// Zero where the kernel does not count it.
  Duration waited() const {
    std::array<char, 80> text{};
    if (pread(file_, text.data(), text.size() - 1, 0) <= 0) return Duration::zero();
    char* second = nullptr;
    std::strtoull(text.data(), &second, 10);
    return std::chrono::nanoseconds(std::strtoull(second, nullptr, 10));
  }

 private:
  const int file_;
};

}  // namespace

StallTotals sum_of(const std::vector<Stall>& stalls, Clock::time_point from, Clock::time_point to) {
  StallTotals totals;
  for (const Stall& stall : stalls) {
    const Duration inside = std::min(stall.end, to) - std::max(stall.begin, from);
    if (inside <= Duration::zero()) continue;
    const Duration starved = std::min(stall.starved, inside);
    totals.starved += starved;
    totals.stopped += inside - starved;
    totals.longest = std::max(totals.longest, inside - starved);
  }
  return totals;
}

StallWatch::StallWatch()
    : slept_at_start_(slept()), thread_([this](const std::stop_token& stop) { watch(stop); }) {}

StallTotals StallWatch::between(Clock::time_point from, Clock::time_point to) const {
  std::unique_lock lock(mutex_);
  rang_.wait(lock, [this, before = alarms_] { return alarms_ != before; });
  StallTotals totals = sum_of(stalls_, from, to);
  // The two clocks are read one after the other, so that it may seem to have slept less.
  totals.suspended = std::max(Duration::zero(), slept() - slept_at_start_);
  return totals;
}

void StallWatch::watch(const std::stop_token& stop) {
  const RunQueueClock run_queue;
  Duration waited = run_queue.waited();
  auto woke = Clock::now();
  while (!stop.stop_requested()) {
    // From the last reading, so that no moment lies between one alarm and the next.
    const auto due = woke + kInterval;
    std::this_thread::sleep_until(due);
    woke = Clock::now();
    const Duration waited_until_now = run_queue.waited();
    {
      const std::lock_guard lock(mutex_);
      ++alarms_;
      if (woke - due >= kTolerance) {
        stalls_.push_back({.begin = due, .end = woke, .starved = waited_until_now - waited});
      }
    }
    rang_.notify_all();
    waited = waited_until_now;
  }
}

}  // namespace enxame::load
