#pragma once

#include <memory>

#include "worker/courier.h"
#include "worker/edge.h"
#include "worker/workbench.h"
#include "worker/worker_options.h"
#include "worker/worker_progress.h"
#include "worker/worker_status.h"

namespace enxame::worker {

/// The worker's process loop: a courier brings a task, the bench computes it, the courier takes it
/// back and goes for the next, for ever.
///
///   asking ──task──► computing ──► returning ──taken, or dropped──► asking
///     │ ▲                             │ ▲
///  no task, failure                 failure
///     ▼ │                             ▼ │
///   waiting                         waiting
///
/// A long poll asks for the next task with the request that returns the last, and `push` does not
/// wait for a returned task to be acknowledged: neither is ever `returning`.
class WorkerLoop {
 public:
  /// `edge` has to outlive the loop, and the loop every call back that it asked for.
  WorkerLoop(WorkerOptions options, Edge& edge);
  WorkerLoop(const WorkerLoop&) = delete;
  WorkerLoop& operator=(const WorkerLoop&) = delete;

  /// Goes for the first task. Call once.
  void start() { courier_->start(); }

  const WorkerOptions& options() const { return options_; }
  const WorkerStatus& status() const { return progress_.status(); }

 private:
  const WorkerOptions options_;
  WorkerProgress progress_;
  Workbench bench_;
  std::unique_ptr<Courier> courier_;
};

}  // namespace enxame::worker
