#pragma once

#include "coordinator/store/rules.h"
#include "coordinator/store/task.h"

namespace enxame::coordinator {

/// A task, or a tile, to which something has happened.
struct TaskChange {
  TaskEvent event;
  TaskState before;
  const TaskRecord& task;  ///< as it is now

  /// Whether a worker holds it no more. Nobody holds a split task itself.
  bool ended_lease() const {
    return before == TaskState::processing && task.state() != TaskState::processing &&
           !task.is_split();
  }
};

/// Why a task was not accepted: too many wait, there is no room beside what is not finished, or it
/// takes more than there ever is.
enum class Refusal { queue_full, store_full, too_large };

/// Somebody who watches a store. Told of everything in the order in which it happens, while the
/// store is locked: what it does takes no time, does not throw and does not call the store.
class TaskObserver {
 public:
  virtual ~TaskObserver() = default;

  /// A task was accepted; of a split one, the task itself.
  virtual void submitted(const TaskRecord&) noexcept {}

  /// A task was not, or one that has failed could not be tried again.
  virtual void refused(Refusal) noexcept {}

  /// Something has happened to a task, to a tile, or to a split task when it finished or was
  /// retried.
  virtual void changed(const TaskChange&) noexcept {}

  /// A finished task was let go for want of room, with its tiles.
  virtual void forgotten(const TaskRecord&) noexcept {}
};

}  // namespace enxame::coordinator
