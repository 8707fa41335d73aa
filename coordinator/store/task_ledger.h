#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "coordinator/store/payload_store.h"
#include "coordinator/store/rules.h"
#include "coordinator/store/store_options.h"
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
  struct Task;

  /// Both outlive this.
  TaskLedger(const StoreOptions& options, PayloadStore& payloads);
  ~TaskLedger();
  TaskLedger(const TaskLedger&) = delete;
  TaskLedger& operator=(const TaskLedger&) = delete;

  void add_observer(TaskObserver& observer) { observers_.push_back(&observer); }

  /// Adds a task, or one in tiles, to the queue; not one that is known by its key. Throws
  /// StoreFull, TaskTooLarge, KeyReused.
  Submitted add(const NewTask& task, const Instant& at);

  /// Adds a task as it was, under its own number, which is below the first. Throws std::bad_alloc.
  void restore(const NewTask& task, const Restored& restored, const Instant& at);

  /// The task of that number. Throws UnknownTask, ForgottenTask.
  Task& find(TaskId id);
  const TaskRecord& record(TaskId id) const;
  /// The task, if that claim is the one under which it is held; null otherwise.
  Task* find_claimed(const Claim& claim) noexcept;

  bool has_pending() const noexcept { return queued_ > 0; }

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
  TaskRecord complete_late(Task& task, const Claim& claim, Completion completion,
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
  std::optional<Instant> next_expiry() const noexcept;

  StoreStats stats() const noexcept;

 private:
  using Place = std::list<Task*>;
  using Tasks = std::unordered_map<TaskId, Task>;
  struct Line;
  using Turns = std::list<Line*>;
  using Lines = std::unordered_map<std::string, Line>;
  struct Keyed {
    Task* task;
    wire::Digest fingerprint;
  };
  using Keys = std::unordered_map<std::string, Keyed>;

  static Task& make_task(Tasks& tasks, TaskId id, const PayloadRef& operands, const Instant& at);
  static Tasks make_tasks(const NewTask& added, TaskId id, const Instant& at);
  std::optional<TaskId> find_key(const SubmissionKey& key) const;
  void check_room(std::size_t bytes) const;
  void check_queue(std::size_t more) const;
  static std::size_t bytes_of(const NewTask& added);
  static Lines make_line(const std::string& client);
  void take_in(Tasks tasks, Keys keys, Lines line, Task& task, std::size_t bytes);
  void enter_queue(Task& task) noexcept;
  void enter_line(Task& task) noexcept;
  void leave_line(Task& task) noexcept;
  [[noreturn]] void refuse_unknown(TaskId id) const;

  std::chrono::milliseconds lease_of(Fence fence) const noexcept;
  Place& held_by(Fence fence) noexcept { return held_[static_cast<std::size_t>(fence)]; }
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

  Tasks tasks_;
  Lines lines_;                // by client
  Turns turns_;                // those in which somebody waits, next first
  std::size_t queued_ = 0;     // in all of them
  std::array<Place, 2> held_;  // by fence, in the order in which their leases run out
  Place finished_;             // in the order of their finishing
  Keys keys_;
  TaskId next_id_;
  std::uint64_t last_lease_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t completed_ = 0;
  std::size_t stored_bytes_ = 0;      // of all tasks that are known
  std::size_t unfinished_bytes_ = 0;  // of those that are not finished
};

/// The tasks of a client that wait for a worker.
struct TaskLedger::Line {
  std::map<TaskId, Task*> queue;  // in the order of submission
  std::size_t tasks = 0;          // of the client that are known, without tiles
  const std::string* client = nullptr;
  Turns place;           // its node, while nobody waits in it
  Turns::iterator self;  // its node, wherever that is
};

struct TaskLedger::Task {
  /// What makes a task a split one.
  struct Tiles {
    PayloadRef product;
    std::vector<Task*> all;
    std::size_t missing;
  };

  TaskRecord record;
  std::optional<Tiles> tiles;        // of a split task
  Task* parent = nullptr;            // of a tile
  Line* line = nullptr;              // in which it waits, when it does
  std::size_t bytes = 0;             // that it is counted with; a tile with its task
  std::size_t whole_bytes = 0;       // … as long as it is not finished
  const std::string* key = nullptr;  // in keys_

  std::map<TaskId, Task*>::node_type queue_node;  // while it is not in its line
  Place place;                                    // its node, while it is neither held nor finished
  Place::iterator self;                           // its node, wherever that is
};

}  // namespace enxame::coordinator
