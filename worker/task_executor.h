#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "matmul/matrix.h"
#include "matmul/matrix_view.h"
#include "matmul/timing/phases.h"
#include "worker/engine.h"
#include "worker/host.h"
#include "worker/task_source.h"
#include "worker/task_wire.h"
#include "worker/worker_options.h"
#include "worker/worker_progress.h"

namespace enxame::worker {

/// Where a task is computed, whichever way it came: one at a time, with every phase taken on the
/// host's clock. What matrices travel to an engine counts as decoding, what its product travels
/// back as encoding. A task whose work is done before its service time is over is held until then,
/// without burning processor time; that counts as compute.
class TaskExecutor {
 public:
  /// All have to outlive the executor.
  TaskExecutor(const WorkerOptions& options, Host& host, WorkerProgress& progress, Engine& engine)
      : options_(options), host_(host), progress_(progress), engine_(engine) {}
  TaskExecutor(const TaskExecutor&) = delete;
  TaskExecutor& operator=(const TaskExecutor&) = delete;

  /// The bytes of a task were there at `received_at` and will be decoded now.
  void begin(Duration received_at);

  /// The task is decoded: computes it, has `source` encode it and gives it back to it, at once or
  /// when the service time is over.
  void compute(const Task& task, TaskSource& source);

 private:
  /// The task at hand.
  struct Work {
    std::uint64_t task = 0;
    Shape a{};
    Shape b{};
    Duration started{};
    Engine::Travel travel{};
    std::optional<Matrix> product{};
  };

  void multiply(MatrixView a, MatrixView b);
  void finish(TaskSource& source);
  void refuse(Ending ending, const std::string& reason, TaskSource& source);
  std::string too_large() const;

  const WorkerOptions& options_;
  Host& host_;
  WorkerProgress& progress_;
  Engine& engine_;
  WorkerPhases phases_;
  Work work_;
};

}  // namespace enxame::worker
