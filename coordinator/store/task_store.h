#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coordinator/store/task.h"

namespace enxame::coordinator {

/// There is no such task, or it was finished so long ago that it has been forgotten.
class UnknownTask : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The task is not held by whoever speaks for it.
class NotHeld : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The tasks that are not finished take all the room there is; later there may be some.
class StoreFull : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The task alone takes more than all the room there is.
class TaskTooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Asked now and then by a long wait: whether the one who waits is still there.
using StillThere = std::function<bool()>;

/// All rules of a task's life, whoever stores the tasks and however they travel:
///
///   submit → pending ── claim → processing ── complete → completed
///               ↑                   │  └───── fail ────→ failed
///               └─ lease ran out, ──┘
///                  give_back, reject, lose    (failed after `attempts` of these)
///
/// Tasks are claimed in the order of their submission; one that comes back takes its old place, so
/// that it is at the head of the queue, behind older ones that came back too. A task is held by at
/// most one worker at a time, under a lease. Thread-safe. Every TaskId that names no task makes
/// UnknownTask.
///
/// A split task is not claimed itself: its tiles are, which are tasks with ids of their own under
/// the same rules. It is processing once a tile was claimed, completed with the product that the
/// tiles make together once each has completed, in whatever order, and failed with the first tile
/// that fails; the tiles that are left are then withdrawn, and their workers find that they hold
/// them no more. Its phases and its worker are those of the tile that completed last: from the
/// submission to that tile's claim it was in the queue, so that they add up as those of any task.
/// A tile has no product to ask for, and lasts as long as its task. Nobody holds the split task
/// itself: who answers for it meets NotHeld.
///
/// A call that throws std::bad_alloc has changed nothing that a task is counted by.
class TaskStore {
 public:
  virtual ~TaskStore() = default;

  /// Appends a task, or the tiles of one, to the queue and returns its id. A task of which only one
  /// tile can be made is not split. Throws StoreFull, TaskTooLarge.
  virtual TaskId submit(std::shared_ptr<const Operands> operands, const Split& split) = 0;
  TaskId submit(std::shared_ptr<const Operands> operands) {
    return submit(std::move(operands), Split{});
  }

  /// Takes the task at the head of the queue for `asker`, waiting for one up to `patience`; nothing
  /// when there is none, or when the store was closed. Who has waited longest is served first. A
  /// wait ends early when the claimant has gone.
  virtual std::optional<Claim> claim(Asker asker, std::chrono::milliseconds patience,
                                     const StillThere& still_there) = 0;

  /// Puts a claimed task back that never reached its worker. This costs the task no attempt, unless
  /// it has happened too often to be an accident. Does nothing when the claim is over for another
  /// reason.
  virtual void give_back(const Claim& claim) noexcept = 0;

  /// Puts a claimed task back that could not be sent for want of memory here, which costs it
  /// nothing, however often. Does nothing when the claim is over for another reason.
  virtual void put_back(const Claim& claim) noexcept = 0;

  /// The worker that holds this claim has gone, as `how` tells ("its connection ended"): the task
  /// goes back to the queue, or is failed when it has no attempts left. Does nothing when the claim
  /// is over for another reason.
  virtual void lose(const Claim& claim, std::string_view how) noexcept = 0;

  /// The operands of a task that `holder` holds; for a task already completed, nothing. Throws
  /// NotHeld otherwise.
  virtual std::shared_ptr<const Operands> held_operands(TaskId id, const Holder& holder) const = 0;

  /// Finishes a task with its product. For a task already completed nothing changes, and the
  /// product may be missing. Throws NotHeld unless `holder` holds it, and std::invalid_argument for
  /// a tile's product that is not of its operands' dtype. Returns the task as it is then.
  virtual TaskView complete(TaskId id, const Holder& holder, Completion completion) = 0;

  /// The worker says that nobody can compute the task: it is failed for good. Throws NotHeld as
  /// complete() does; for a task already completed nothing changes.
  virtual TaskView fail(TaskId id, const Holder& holder, const std::string& reason) = 0;

  /// The worker has no product of the task, or returned something that is none: the task goes back
  /// to the queue, or is failed when it has no attempts left. Throws NotHeld as complete() does;
  /// for a task already completed nothing changes. Returns the task as it is then.
  virtual TaskView reject(TaskId id, const Holder& holder, const std::string& reason) = 0;

  /// The task, as soon as it is completed or failed, or as it is after `patience`, when who waits
  /// has gone, or when the store is closed.
  virtual TaskView result(TaskId id, std::chrono::milliseconds patience,
                          const StillThere& still_there) = 0;
  TaskView result(TaskId id, std::chrono::milliseconds patience = {}) {
    return result(id, patience, [] { return true; });
  }

  virtual StoreStats stats() const = 0;

  /// The workers known by name, in the order of their names, as soon as `count` of them are asking
  /// or working, or after `patience`, when who waits has gone, or when the store is closed.
  virtual std::vector<WorkerView> workers(std::size_t count, std::chrono::milliseconds patience,
                                          const StillThere& still_there) = 0;
  std::vector<WorkerView> workers(std::size_t count = 0, std::chrono::milliseconds patience = {}) {
    return workers(count, patience, [] { return true; });
  }

  /// Wakes everybody who waits, now and from now on. Nothing is lost: what is there can still be
  /// asked for.
  virtual void close() = 0;
};

}  // namespace enxame::coordinator
