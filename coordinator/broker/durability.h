#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "coordinator/broker/worker_registry.h"
#include "coordinator/store/payload.h"
#include "coordinator/store/task.h"
#include "coordinator/store/task_observer.h"

namespace enxame::coordinator {

/// What was submitted.
struct Submission {
  std::shared_ptr<const Operands> operands;
  Split split{};
  std::size_t tiles = 0;  ///< into how many it was cut; 0: it is not split
  std::optional<SubmissionKey> key{};
  std::string client{};  ///< in whose line it waits
};

/// A task as it was written down before this process began.
struct RestoredTask {
  TaskId id = 0;
  Submission submission;  ///< of a task that is not completed or cancelled; else without operands
  Life life;              ///< pending, if it was not finished
  std::shared_ptr<const Result> product{};  ///< of a completed one
  std::string error{};
  std::string worker{};
};

/// A worker that got no tasks when this process began.
struct RestoredWorker {
  std::string name{};
  Admission admission = Admission::admitted;
  std::string reason{};
};

/// What was written down so far.
struct Written {
  std::uint64_t transactions = 0;
  std::uint64_t entries = 0;  ///< of what happened to tasks
  std::uint64_t waiting = 0;  ///< entries that are not written yet
};

/// Writes down what happens to tasks so that it outlives this process. It watches the store, and
/// nobody is told of anything that has happened before that is written down: settle().
class Durability : public TaskObserver {
 public:
  /// The task with these operands is about to be submitted. Throws TaskTooLarge for one that cannot
  /// be written down.
  virtual void announce(const PayloadRef& operands, Submission submission) = 0;
  /// … and was not.
  virtual void withdraw(const PayloadRef& operands) noexcept = 0;

  /// Throws StoreUnavailable while nothing new can be written down: what is there is kept.
  virtual void check_accepts() const = 0;

  /// Waits until all that has happened to that task so far is written down. Throws StoreUnavailable
  /// when that takes too long, or cannot be.
  virtual void settle(TaskId id) = 0;

  /// Writes down whether a worker gets tasks, and why not.
  virtual void admit(const RestoredWorker& worker) noexcept = 0;

  virtual Written written() const = 0;
};

}  // namespace enxame::coordinator
