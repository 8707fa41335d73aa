#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "coordinator/store/task.h"
#include "coordinator/store/task_observer.h"

namespace enxame::coordinator {

/// There is no such task.
class UnknownTask : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// There was, but it was finished so long ago that it has been forgotten.
class ForgottenTask : public UnknownTask {
 public:
  using UnknownTask::UnknownTask;
};

/// What is asked for does not happen to a task in that state.
class WrongState : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Something else was submitted under that key.
class KeyReused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The task is not held by whoever speaks for it.
class NotHeld : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// … any more; but nobody has finished it since, so that its product would do if it is right.
class HeldNoLonger : public NotHeld {
 public:
  using NotHeld::NotHeld;
};

/// The tasks that are not finished take all the room there is; later there may be some.
class StoreFull : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// As many tasks wait for a worker as may; later there will be fewer.
class QueueFull : public StoreFull {
 public:
  using StoreFull::StoreFull;
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
/// Each client has a line of its own, in which tasks wait in the order of their submission; lines
/// take turns, a task each, so that nobody waits for all that another has submitted. A task that
/// comes back takes its old place, so that it is at the head of its line, behind older ones that
/// came back too. A task is held by at most one worker at a time, under a lease, which runs out
/// unless it is renewed; one that was claimed without a fence is not renewed and lasts longer
/// (StoreOptions). Thread-safe. Every TaskId that names no task makes UnknownTask, and any call may
/// throw StoreUnavailable.
///
/// A task that has failed keeps its operands, so that it can be tried again, until it is forgotten.
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

  /// Appends a task, or the tiles of one, to the line of its client. Throws StoreFull,
  /// TaskTooLarge, KeyReused; the payloads are then the caller's still, as they are where a task of
  /// that key and fingerprint is known already.
  virtual Submitted submit(const NewTask& task, const Instant& at) = 0;

  /// Puts a task back as it was before this process began, under its number, which is below the
  /// store's first: pending with these attempts, or finished. Before anything else happens;
  /// observers are told only of what is forgotten for want of room. Throws std::invalid_argument
  /// for a number that is taken.
  virtual void restore(const NewTask& task, const Restored& restored, const Instant& at) = 0;

  /// Ends a task that is not finished, with its tiles, for good; one that is cancelled already
  /// stays as it is. Throws WrongState for a tile and for a task that has ended otherwise.
  virtual TaskRecord cancel(TaskId id, const Instant& at) = 0;

  /// Puts a failed task, or those of its tiles that have no product, back into the queue with all
  /// attempts. Throws WrongState for a tile and for a task that has not failed, StoreFull.
  virtual TaskRecord retry(TaskId id, const Instant& at) = 0;

  /// Gives the task at the head of the line whose turn it is to `asker`; nothing when there is
  /// none, `asker` is then as it was.
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

  /// Has the lease of a claim begin again. Returns whether the task is held under it.
  virtual bool renew(const Claim& claim, const Instant& at) noexcept = 0;

  /// The claim under which `holder` holds a task, or held it once, as long as nobody has finished
  /// it since; nothing for one that is completed already. Throws NotHeld otherwise.
  virtual std::optional<Held> held(TaskId id, const Holder& holder) const = 0;

  /// Finishes a task with its product, which is the store's from now on. A completed task stays as
  /// it is, and the product is dropped. Where the claim is over and nobody has finished the task
  /// since, a product that is known to be right does, and who holds the task loses it; for another
  /// HeldNoLonger is thrown. Throws NotHeld when the task is no business of the claim's. What
  /// throws leaves the product with the caller. Returns the task as it is then.
  virtual TaskRecord complete(const Claim& claim, Completion completion, const Instant& at) = 0;

  /// The worker says that nobody can compute the task: it is failed for good. Throws NotHeld as
  /// complete() does; for a task already completed nothing changes.
  virtual TaskRecord fail(const Claim& claim, const std::string& reason, const Instant& at) = 0;

  /// The worker has no product of the task, or returned something that is none: the task goes back
  /// to the queue, or is failed when it has no attempts left. Throws NotHeld as complete() does;
  /// for a task already completed nothing changes. Returns the task as it is then.
  virtual TaskRecord nack(const Claim& claim, const std::string& reason, const Instant& at) = 0;

  /// Notes that somebody returned another product of a completed task.
  virtual void contradict(TaskId id, Contradiction contradiction) = 0;

  virtual TaskRecord find(TaskId id) const = 0;

  virtual StoreStats stats() const = 0;

  /// Takes back every task whose lease has run out by then.
  virtual void expire_leases(const Instant& at) noexcept = 0;

  /// When the next lease runs out; nothing when no task is held.
  virtual std::optional<Instant> next_expiry() const = 0;

  /// How long the shortest lease lasts: none that begins from now on runs out earlier.
  virtual Duration shortest_lease() const noexcept = 0;
};

}  // namespace enxame::coordinator
