#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace enxame::native {

/// How a worker failed.
struct WorkerFailure {
  std::string what;
  bool timed_out = false;
};

/// Which workers one call has been to without success, by index.
using WorkerFailures = std::map<std::size_t, WorkerFailure>;

struct WorkerPoolOptions {
  std::size_t workers;
  std::size_t calls_per_worker = 1;
  /// A worker that failed is left alone this long, doubled with each failure that follows up to the
  /// maximum.
  std::chrono::milliseconds first_back_off{100};
  std::chrono::milliseconds max_back_off{5'000};
};

/// Decides which worker gets which call: calls wait first come, first served for a worker with a
/// free slot; the worker with the fewest calls in flight is taken, workers that are equal take
/// turns. Knows workers by index only. Thread-safe.
class WorkerPool {
 public:
  /// Throws std::invalid_argument when there is no worker or no slot, or the back-off shrinks.
  explicit WorkerPool(WorkerPoolOptions options);

  /// Blocks until a worker outside `failures` is free and takes one of its slots. Returns nothing
  /// when none is left: each is in `failures`, is quarantined or is being left alone after a
  /// failure of late, which is then added to `failures`. Throws std::runtime_error once the pool is
  /// closed.
  std::optional<std::size_t> acquire(WorkerFailures& failures);

  /// Gives the slot back after a call that went well, or badly (`failure`). Needs no memory: it is
  /// what destructors do.
  void release(std::size_t worker, std::optional<WorkerFailure> failure) noexcept;

  /// No other call gets that worker any more; acquire() gives `failure` as the reason. For a call
  /// that has a slot of it, and gives it back then. Returns false when that was so already.
  bool quarantine(std::size_t worker, WorkerFailure failure);

  /// How many workers are quarantined.
  std::size_t quarantined() const;

  /// Makes every acquire(), also those that wait, throw std::runtime_error.
  void close();

 private:
  using Clock = std::chrono::steady_clock;

  struct Worker {
    std::size_t in_flight = 0;
    Clock::duration back_off{};  // zero when the last call went well
    Clock::time_point retry_at{};
    bool quarantined = false;
    WorkerFailure last_failure;
  };

  struct Waiter {
    const WorkerFailures& failures;
    std::condition_variable called;
    bool settled = false;
    std::optional<std::size_t> worker;
  };

  void serve_waiting();
  void settle(Waiter& waiter, Clock::time_point now);
  Clock::time_point next_retry(const WorkerFailures& failures) const;

  const WorkerPoolOptions options_;
  mutable std::mutex mutex_;
  std::vector<Worker> workers_;
  std::list<Waiter> waiting_;
  std::size_t turn_ = 0;  // the worker that ties are decided for
  bool closed_ = false;
};

}  // namespace enxame::native
