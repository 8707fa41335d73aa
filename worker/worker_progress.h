#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "worker/backoff.h"
#include "worker/host.h"
#include "worker/worker_status.h"

namespace enxame::worker {

/// Keeps the books of a worker: what its page shows, and how long it pauses after failures.
class WorkerProgress {
 public:
  /// `host` has to outlive this, and this every call back that it asked for.
  explicit WorkerProgress(Host& host) : host_(host) {}
  WorkerProgress(const WorkerProgress&) = delete;
  WorkerProgress& operator=(const WorkerProgress&) = delete;

  const WorkerStatus& status() const { return status_; }

  void enter(WorkerState state, std::string message);

  /// The coordinator was heard of, which ends its absence unless that was another failure.
  void note_contact(Duration at);
  void note_error(std::string error);
  void note_refusal(std::uint64_t task, const std::string& reason);
  void note_multiplication(const Multiplication& done) { status_.last = done; }
  void note_completed() { ++status_.completed; }

  /// Waits for `pause`, then does `next`.
  void wait(std::chrono::milliseconds pause, std::function<void()> next, std::string message);

  /// Shows `error` and does `next` after a pause that grows with every failure in a row.
  void try_again(std::function<void()> next, const std::string& error);

  /// It worked: the next failure is a first one.
  void note_success() { backoff_.reset(); }

 private:
  void note_absence();

  Host& host_;
  WorkerStatus status_;
  Backoff backoff_;
};

/// "task 7".
std::string name_of_task(std::uint64_t task);

}  // namespace enxame::worker
