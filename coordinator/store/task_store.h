#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "coordinator/store/task.h"
#include "coordinator/store/task_observer.h"

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

/// What a client is told when the store cannot be asked.
inline constexpr const char* kUnavailableWords = "the task store is unavailable";

/// The store cannot be asked now. Of one in this process's memory this does not happen.
class StoreUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Keeps tasks and applies the rules of their lives (rules.h) to them. It waits for nothing and
/// reads no clock: it is told when things happen. What is computed and what comes of it lies in a
/// PayloadStore; a store keeps references, and drops there what it needs no more.
///
/// Tasks are claimed in the order of their submission; one that comes back takes its old place, so
/// that it is at the head of the queue, behind older ones that came back too. A task is held by at
/// most one worker at a time, under a lease. Thread-safe. Every TaskId that names no task makes
/// UnknownTask, and any call may throw StoreUnavailable.
///
/// A split task is not claimed itself: its tiles are, which are tasks with ids of their own under
/// the same rules. It is processing once a tile was claimed, completed once each has completed, in
/// whatever order, and failed with the first tile that fails; the tiles that are left are then
/// withdrawn, and their workers find that they hold them no more. Its instants and its worker are
/// those of the tile that completed last, but for its submission. A tile has no product to ask for,
/// and lasts as long as its task. Nobody holds the split task itself: who answers for it meets
/// NotHeld.
///
/// A call that throws std::bad_alloc has changed nothing that a task is counted by.
class TaskStore {
 public:
  virtual ~TaskStore() = default;

  /// Tells `observer`, which outlives the store's last call, of everything from now on. To be
  /// called before the first task.
  virtual void add_observer(TaskObserver& observer) = 0;

  /// Appends a task, or the tiles of one, to the queue and returns its id. Throws StoreFull,
  /// TaskTooLarge; the payloads are then the caller's still.
  virtual TaskId submit(const NewTask& task, const Instant& at) = 0;

  /// Gives the task at the head of the queue to `asker`; nothing when there is none, `asker` is
  /// then as it was.
  virtual std::optional<Claim> claim(Asker& asker, const Instant& at) = 0;

  /// Puts a claimed task back that never reached its worker. This costs the task no attempt, unless
  /// it has happened too often to be an accident. Does nothing when the claim is over for another
  /// reason.
  virtual void requeue(const Claim& claim, const Instant& at) noexcept = 0;

  /// Puts a claimed task back that could not be sent for want of memory here, which costs it
  /// nothing, however often. Does nothing when the claim is over for another reason.
  virtual void unclaim(const Claim& claim, const Instant& at) noexcept = 0;

  /// The worker that holds this claim has gone, as `how` tells ("its connection ended"): the task
  /// goes back to the queue, or is failed when it has no attempts left. Does nothing when the claim
  /// is over for another reason.
  virtual void abandon(const Claim& claim, std::string_view how, const Instant& at) noexcept = 0;

  /// The claim under which `holder` holds a task; nothing for one that is completed already. Throws
  /// NotHeld otherwise.
  virtual std::optional<Held> held(TaskId id, const Holder& holder) const = 0;

  /// Finishes a task with its product, which is the store's from now on. A completed task stays as
  /// it is, and the product is dropped. Throws NotHeld when the claim is over for another reason;
  /// the product is then the caller's still. Returns the task as it is then.
  virtual TaskRecord complete(const Claim& claim, Completion completion, const Instant& at) = 0;

  /// The worker says that nobody can compute the task: it is failed for good. Throws NotHeld as
  /// complete() does; for a task already completed nothing changes.
  virtual TaskRecord fail(const Claim& claim, const std::string& reason, const Instant& at) = 0;

  /// The worker has no product of the task, or returned something that is none: the task goes back
  /// to the queue, or is failed when it has no attempts left. Throws NotHeld as complete() does;
  /// for a task already completed nothing changes. Returns the task as it is then.
  virtual TaskRecord nack(const Claim& claim, const std::string& reason, const Instant& at) = 0;

  virtual TaskRecord find(TaskId id) const = 0;

  virtual StoreStats stats() const = 0;

  /// Takes back every task whose lease has run out by then.
  virtual void expire_leases(const Instant& at) noexcept = 0;

  /// When the next lease runs out; nothing when no task is held.
  virtual std::optional<Instant> next_expiry() const = 0;
};

}  // namespace enxame::coordinator
