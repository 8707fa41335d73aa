#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "coordinator/store/payload_gauge.h"
#include "coordinator/store/product_assembly.h"
#include "coordinator/store/split_operands.h"
#include "coordinator/store/store_options.h"
#include "coordinator/store/task_store.h"
#include "coordinator/store/worker_registry.h"

namespace enxame::coordinator {

/// The tasks of a store in memory and the rules of their lives (task_store.h), without any waiting.
/// Not thread-safe: the store that owns it locks.
///
/// Memory for all that may become of a task is taken when it is added. What happens to it later
/// needs none, so that it cannot fail half-way.
class TaskLedger {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Task;

  /// Somebody who waits for the end of a task.
  struct Waiter {
    std::condition_variable finished;
  };

  /// Both outlive this.
  TaskLedger(const StoreOptions& options, WorkerRegistry& workers);
  ~TaskLedger();
  TaskLedger(const TaskLedger&) = delete;
  TaskLedger& operator=(const TaskLedger&) = delete;

  /// Add a task, or one in tiles, to the queue. Throw StoreFull, TaskTooLarge.
  TaskId add(std::shared_ptr<const Operands> operands);
  TaskId add(std::shared_ptr<const SplitOperands> operands,
             std::shared_ptr<ProductAssembly> product, TimePoint accepted_at);

  /// The task of that number, which stays as long as somebody has it. Throws UnknownTask.
  std::shared_ptr<Task> find(TaskId id) const;
  /// The task, if that claim is the one under which it is held; null otherwise.
  Task* find_claimed(const Claim& claim) const noexcept;
  /// The task, which `holder` holds. Throws UnknownTask, NotHeld.
  Task& find_held(TaskId id, const Holder& holder) const;

  bool has_pending() const noexcept { return !queue_.empty(); }
  bool has_held() const noexcept { return !held_.empty(); }

  /// Gives the task at the head of the queue, which is not empty, to `asker`.
  Claim hand_out(Asker asker) noexcept;

  /// The name of a worker that had none when it claimed the task.
  void name_holder(Task& task, const std::string& worker);

  // What may become of a task that is held:
  void give_back(Task& task) noexcept;
  void put_back(Task& task) noexcept;
  void reject(Task& task, std::string_view reason) noexcept;
  void lose(Task& task, std::string_view how) noexcept;
  void fail(Task& task, std::string reason) noexcept;
  /// Throws std::bad_alloc, before anything has changed.
  void complete(Task& task, Completion completion, TimePoint arrived_at);

  /// Takes every task back whose lease has run out.
  void expire_leases() noexcept;
  /// When the next lease runs out; there is one (has_held()).
  TimePoint next_expiry() const noexcept;

  /// What is known of the task.
  TaskView view(const Task& task) const;
  /// Brings a view up to date with what has become of its task since, but for its words (error,
  /// worker), whose copies would take memory.
  void refresh(TaskView& view, const Task& task) const noexcept;

  /// All but what is known of those who wait.
  StoreStats stats() const noexcept;

  /// Wakes whoever waits for any task.
  void wake_all() noexcept;

 private:
  using Place = std::list<Task*>;
  using Tasks = std::unordered_map<TaskId, std::shared_ptr<Task>>;

  std::shared_ptr<Task> make_task(TaskId id, std::shared_ptr<const Operands> operands,
                                  TimePoint accepted_at) const;
  void check_room(std::size_t bytes) const;
  void take_in(Tasks tasks, Task& task, std::size_t bytes, std::size_t payload_bytes);
  std::size_t lingering_bytes() const noexcept;

  void enqueue(Task& task) noexcept;
  void take_back(Task& task, std::string_view reason) noexcept;
  void release(Task& task) noexcept;
  void end(Task& task, TaskState state) noexcept;
  void finish(Task& task, TaskState state) noexcept;
  void complete_tile(Task& tile, std::shared_ptr<const Result> whole, std::string worker) noexcept;
  void fail_task(Task& task, std::string error) noexcept;
  void withdraw_tiles(Task& parent) noexcept;
  Phases phases_of(const Task& task, const WorkerPhases& worker, TimePoint finished_at);
  void forget_finished() noexcept;

  const StoreOptions& options_;
  WorkerRegistry& workers_;
  PayloadGauge gauge_;

  Tasks tasks_;
  std::map<TaskId, Task*> queue_;  // in the order of submission
  Place held_;                     // in the order in which their leases run out
  Place finished_;                 // in the order of their finishing
  TaskId next_id_;
  std::uint64_t last_lease_ = 0;
  StoreStats counts_;                 // what has happened since the start
  std::size_t stored_bytes_ = 0;      // of all tasks that are known
  std::size_t payload_bytes_ = 0;     // of them, what the gauge counts
  std::size_t unfinished_bytes_ = 0;  // of those that are not finished
};

struct TaskLedger::Task {
  /// What makes a task a split one.
  struct Tiles {
    std::shared_ptr<ProductAssembly> product;
    std::vector<Task*> all;
    std::size_t missing;
  };

  TaskId id;
  std::optional<Tiles> tiles;  // of a split task
  Task* parent = nullptr;      // of a tile, which may outlive it once both are finished
  TaskId parent_id = 0;        // of a tile
  std::size_t tile = 0;        // of a tile: which
  TaskState state = TaskState::pending;
  std::shared_ptr<const Operands> operands;  // until it is finished
  std::shared_ptr<const Result> result;
  std::string error;
  bool withdrawn = false;  // failed because another tile did
  std::string worker;
  Fence fence = Fence::none;
  Phases phases;  // of a completed one
  TimePoint accepted_at;
  TimePoint claimed_at;
  TimePoint finished_at;
  std::uint64_t lease = 0;
  int attempts = 0;
  int free_returns = 0;
  std::size_t bytes = 0;          // that it is counted with
  std::size_t payload_bytes = 0;  // of them, what the gauge counts
  std::vector<Waiter*> waiters;

  std::map<TaskId, Task*>::node_type queue_node;  // while it is not in the queue
  Place place;                                    // its node, while it is neither held nor finished
  Place::iterator self;                           // its node, wherever that is
};

}  // namespace enxame::coordinator
