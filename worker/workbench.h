#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "matmul/matrix.h"
#include "matmul/matrix_view.h"
#include "matmul/timing/phases.h"
#include "worker/courier.h"
#include "worker/edge.h"
#include "worker/task_wire.h"
#include "worker/worker_options.h"
#include "worker/worker_progress.h"

namespace enxame::worker {

/// Where a task is computed, whichever way it came: one at a time, with every phase taken on the
/// edge's clock. A task whose work is done before its service time is over is held until then,
/// without burning processor time; that counts as compute.
class Workbench {
 public:
  /// All have to outlive the bench.
  Workbench(const WorkerOptions& options, Edge& edge, WorkerProgress& progress)
      : options_(options), edge_(edge), progress_(progress) {}
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  /// The bytes of a task were there at `received_at` and will be decoded now.
  void begin(Duration received_at);

  /// The task is decoded: computes it, has `courier` encode it and gives it back to `courier`, at
  /// once or when the service time is over.
  void compute(const Task& task, Courier& courier);

 private:
  /// The task on the bench.
  struct Work {
    std::uint64_t task = 0;
    Shape a{};
    Shape b{};
    Duration started{};
    std::optional<Matrix> product{};
  };

  void multiply(MatrixView a, MatrixView b);
  void finish(Courier& courier);
  void refuse(Ending ending, const std::string& reason, Courier& courier);
  std::string too_large() const;

  const WorkerOptions& options_;
  Edge& edge_;
  WorkerProgress& progress_;
  WorkerPhases phases_;
  Work work_;
};

}  // namespace enxame::worker
