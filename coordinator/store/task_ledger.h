#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/store/client_turns.h"
#include "coordinator/store/held_tasks.h"
#include "coordinator/store/known_keys.h"
#include "coordinator/store/ledger_task.h"
#include "coordinator/store/payload_store.h"
#include "coordinator/store/rules.h"
#include "coordinator/store/store_options.h"
#include "coordinator/store/store_room.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// The tasks of a store in memory: their records, the queue, the leases, and the room that they
/// take. What may become of a task is rules.h's business. Not thread-safe: the store that owns it
/// locks.
///
/// Memory for all that may become of a task is taken when it is added. What happens to it later
/// needs none, so that it cannot fail half-way.
class TaskLedger {
 public:
  using Task = LedgerTask;

  /// Both outlive this.
  TaskLedger(const StoreOptions& options, PayloadStore& payloads);
  TaskLedger(const TaskLedger&) = delete;
  TaskLedger& operator=(const TaskLedger&) = delete;

  void add_observer(TaskObserver& observer) { observers_.push_back(&observer); }

  /// Adds a task, or one in tiles, to the queue; not one that is known by its key. Throws
  /// StoreFull, TaskTooLarge, KeyReused.
  Submitted add(const NewTask& task, const Instant& at);

  /// Tells those who watch that a task was not accepted.
  void refused(Refusal why) noexcept {
    for (TaskObserver* observer : observers_) observer->refused(why);
  }

  /// Adds a task as it was, under its own number, which is below the first. Throws
  /// std::bad_alloc, and std::invalid_argument for a number that is taken.
  void restore(const NewTask& task, const Restored& restored, const Instant& at);

  /// The task of that number. Throws UnknownTask, ForgottenTask.
  Task& find(TaskId id);
  const TaskRecord& record(TaskId id) const;
  /// The task, if that claim is the one under which it is held; null otherwise.
  Task* find_claimed(const Claim& claim) noexcept;

  bool has_pending() const noexcept { return turns_.waiting() > 0; }

  /// Gives the next task to `asker`; there is one.
  Claim hand_out(Asker& asker, const Instant& at) noexcept;

  /// What may become of a held task, except for its product; `reason` is why it came back.
  void apply(Task& task, TaskEvent event, std::string_view reason, const Instant& at) noexcept;
  void abandon(Task& task, std::string_view how, const Instant& at) noexcept;
  /// Fails it for good.
  void fail(Task& task, std::string error, const Instant& at) noexcept;
  /// Its product came. Throws std::bad_alloc, before anything has changed. Returns the task.
  TaskRecord complete(Task& task, Completion completion, const Instant& at);
  /// … under a claim that is over, which its history has; who holds it loses it.
  TaskRecord complete_late(Task& task, const Claim& claim, const Completion& completion,
                           const Instant& at);
  /// Of one, not a tile, that can be cancelled. Throws std::bad_alloc, before anything has changed.
  TaskRecord cancel(Task& task, const Instant& at);
  /// Of one, not a tile, that has failed. Throws StoreFull and std::bad_alloc, before anything has
  /// changed.
  TaskRecord retry(Task& task);
  /// The lease of a held task begins again.
  void renew(Task& task, const Instant& at) noexcept;

  /// Takes every task back whose lease has run out.
  void expire_leases(const Instant& at) noexcept;
  /// When the next lease runs out, if a task is held.
  std::optional<Instant> next_expiry() const noexcept { return held_.next_expiry(); }

  StoreStats stats() const noexcept;

 private:
  void take_in(LedgerTasks tasks, const NewTask& added, Task& task);
  void enter_queue(Task& task) noexcept;
  [[noreturn]] void refuse_unknown(TaskId id) const;

  void note_end(Task& task, TaskEvent how, std::string_view reason, const Instant& at) noexcept;
  void take(Task& task, TaskEvent event, const Transition& transition) noexcept;
  void tell(TaskEvent event, TaskState before, const Task& task) noexcept;
  void set_product(Task& task, TaskEvent event, const Completion& completion,
                   const Instant& at) noexcept;
  void settle_parent(const Task& tile, std::string worker, const Instant& at) noexcept;
  void withdraw_tiles(Task& parent, const Instant& at) noexcept;
  void reopen_tiles(Task& parent) noexcept;
  void finish(Task& task, TaskEvent event, TaskState before) noexcept;
  void close_books(Task& task) noexcept;
  void forget_finished() noexcept;
  void forget(Task& task) noexcept;

  const StoreOptions& options_;
  PayloadStore& payloads_;
  std::vector<TaskObserver*> observers_;

  LedgerTasks tasks_;
  ClientTurns turns_;
  HeldTasks held_;
  LedgerTask::Place finished_;  // in the order of their finishing
  KnownKeys keys_;
  StoreRoom room_;
  TaskId next_id_;
  std::uint64_t next_lease_;
  std::uint64_t total_ = 0;
  std::uint64_t completed_ = 0;
};

}  // namespace enxame::coordinator
