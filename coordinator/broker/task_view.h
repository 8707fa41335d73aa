#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "coordinator/broker/waiting.h"
#include "coordinator/store/payload.h"
#include "coordinator/store/task.h"
#include "matmul/timing/phases.h"

namespace enxame::coordinator {

/// What is known of a task at one moment.
struct TaskView {
  TaskId id = 0;
  TaskState state = TaskState::pending;
  std::shared_ptr<const Result> result;  ///< of a completed task
  std::string error;                     ///< of a failed task
  std::string worker;                    ///< who computed it; empty when it has no name

  /// Of a completed task: from accepted to finished without a gap, the worker's own as it measured
  /// them. `submit` and `collect` are zero: they begin and end with the client.
  Phases phases;
  std::chrono::steady_clock::time_point accepted_at{};
  std::chrono::steady_clock::time_point finished_at{};
};

/// The phases of a completed task, from the instants that its store keeps.
Phases phases_of(const TaskRecord& task);

/// `task` with its product, null if it has none.
TaskView view_of(TaskRecord task, std::shared_ptr<const Result> product);

/// A claimed task with its operands.
struct Assignment : Claim {
  std::shared_ptr<const Operands> operands;
};

/// A task that a worker holds, or held until its claim was over, and the worker's name: that under
/// which it claimed the task, or else the one that it gives now; empty where it gives none.
struct HeldTask : Assignment {
  std::string worker;
  bool is_late = false;  ///< the claim is over, but nobody has finished the task since
};

/// What came of asking for a task: it is there if the outcome is `task`.
struct Claimed {
  WaitOutcome outcome;
  std::optional<Assignment> task{};

  explicit operator bool() const { return task.has_value(); }
  const Assignment& operator*() const { return task.value(); }
  const Assignment* operator->() const { return &task.value(); }
};

/// What came of asking for a result: the task is as it is then, finished if the outcome is `task`,
/// and unknown if that is `unavailable`.
struct Awaited {
  WaitOutcome outcome;
  TaskView task{};
};

}  // namespace enxame::coordinator
