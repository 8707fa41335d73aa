#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace enxame::coordinator {

/// Asked now and then by a long wait: whether the one who waits is still there.
using StillThere = std::function<bool()>;

/// How long somebody waits.
struct Patience {
  std::chrono::milliseconds time;
  const StillThere& still_there;
  std::chrono::milliseconds presence_check;  ///< how often that is asked

  bool none() const { return time <= std::chrono::milliseconds::zero(); }
};

/// What came of a question that may have had to wait.
enum class WaitOutcome {
  task,         ///< it is there: a task that was claimed, one that is finished
  none,         ///< not in that time
  closed,       ///< the coordinator is shutting down
  gone,         ///< who waited has gone
  unavailable,  ///< the store cannot be asked
};

/// Waits, with `lock` held but for the questions, until `is_over`, at most for as long as there is
/// patience: `task` when it is over, `none` or `gone` otherwise.
template <typename IsOver>
WaitOutcome wait_for(std::unique_lock<std::mutex>& lock, std::condition_variable& event,
                     const Patience& patience, IsOver is_over) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + patience.time;
  while (!is_over()) {
    const auto now = steady_clock::now();
    if (now >= deadline) return WaitOutcome::none;
    if (event.wait_until(lock, std::min(deadline, now + patience.presence_check), is_over)) break;
    lock.unlock();
    const bool present = patience.still_there();
    lock.lock();
    if (!present) return is_over() ? WaitOutcome::task : WaitOutcome::gone;
  }
  return WaitOutcome::task;
}

}  // namespace enxame::coordinator
