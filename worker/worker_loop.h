#pragma once

#include <memory>

#include "worker/engine.h"
#include "worker/host.h"
#include "worker/task_executor.h"
#include "worker/task_source.h"
#include "worker/worker_options.h"
#include "worker/worker_progress.h"
#include "worker/worker_status.h"

namespace enxame::worker {

/// The worker's process loop: a source brings a task, the executor computes it, the source takes it
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
  /// `host` has to outlive the loop, and the loop every call back that it asked for. Without an
  /// engine products are computed here, by the kernel of the options.
  WorkerLoop(WorkerOptions options, Host& host, std::unique_ptr<Engine> engine = nullptr);
  WorkerLoop(const WorkerLoop&) = delete;
  WorkerLoop& operator=(const WorkerLoop&) = delete;

  /// Goes for the first task. Call once.
  void start() { source_->start(); }

  const WorkerOptions& options() const { return options_; }
  const WorkerStatus& status() const { return progress_.status(); }

 private:
  const WorkerOptions options_;
  WorkerProgress progress_;
  const std::unique_ptr<Engine> engine_;
  TaskExecutor executor_;
  std::unique_ptr<TaskSource> source_;
};

}  // namespace enxame::worker
