#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "coordinator/product_assembly.h"
#include "coordinator/split_operands.h"
#include "coordinator/task_store.h"
#include "coordinator/worker_registry.h"
#include "matmul/digester.h"

namespace enxame {

struct StoreOptions {
  std::chrono::milliseconds lease{60'000};  ///< how long a worker may hold a task
  int attempts = 3;                         ///< how often a task is handed out before it is failed
  std::size_t max_stored_bytes = std::size_t{1} << 30;
  std::chrono::milliseconds presence_check{
      5'000};  ///< how often a waiting claimant is asked whether it is still there

  /// The clock of leases and durations; waits always last as long as they say.
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// Keeps tasks in this process's memory.
///
/// A submitted task is put into the hands of the claimant that has waited longest, which alone is
/// woken; the same goes for results. Finished tasks are forgotten, oldest first, when all tasks
/// together take more than `max_stored_bytes`; the one finished last is always kept. A split task
/// takes its operands once, however many tiles share them, and from the start its product, which
/// is put together while its tiles come.
class MemoryTaskStore : public TaskStore {
 public:
  explicit MemoryTaskStore(StoreOptions options);
  ~MemoryTaskStore() override;
  MemoryTaskStore(const MemoryTaskStore&) = delete;
  MemoryTaskStore& operator=(const MemoryTaskStore&) = delete;

  using TaskStore::submit;
  TaskId submit(std::shared_ptr<const Operands> operands, const Split& split) override;
  std::optional<Claim> claim(const std::string& worker, std::chrono::milliseconds patience,
                             const std::function<bool()>& still_there) override;
  void give_back(const Claim& claim) noexcept override;
  void lose(const Claim& claim, const std::string& reason) noexcept override;
  std::shared_ptr<const Operands> held_operands(TaskId id, const Holder& holder) const override;
  TaskView complete(TaskId id, const Holder& holder, Completion completion) override;
  TaskView fail(TaskId id, const Holder& holder, const std::string& reason) override;
  void reject(TaskId id, const Holder& holder, const std::string& reason) override;
  TaskView result(TaskId id, std::chrono::milliseconds patience) override;
  StoreStats stats() const override;
  std::vector<WorkerView> workers(std::size_t count, std::chrono::milliseconds patience) override;
  void close() override;

  /// Takes back every task whose lease has run out. A thread of the store does this in time;
  /// whoever sets the clock calls it.
  void expire_leases();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Lock = std::unique_lock<std::mutex>;

  struct ResultWaiter {
    std::condition_variable finished;
  };

  /// What makes a task a split one.
  struct Tiles {
    std::shared_ptr<ProductAssembly> product;
    std::vector<TaskId> ids;
    std::size_t missing;
  };

  struct Task {
    TaskId id;
    std::optional<Tiles> tiles;  // of a split task
    TaskId parent = 0;           // of a tile
    std::size_t tile = 0;        // of a tile: which
    TaskState state = TaskState::pending;
    std::shared_ptr<const Operands> operands;  // until it is finished
    std::shared_ptr<const Result> result;
    std::string error;
    std::string worker;
    Phases phases;  // of a completed one
    TimePoint accepted_at;
    TimePoint claimed_at;
    TimePoint finished_at;
    std::uint64_t lease = 0;
    int attempts = 0;
    std::size_t bytes = 0;
    std::list<TaskId>::iterator held_place;  // while it is processing
    std::vector<ResultWaiter*> waiters;
  };

  struct Claimant {
    const std::string& worker;
    std::optional<Claim> claim;
    std::condition_variable served;
  };

  Task& find(TaskId id) const;
  Task* find_claimed(const Claim& claim) const;
  Task& find_held(TaskId id, const Holder& holder) const;
  TaskView view(const Task& task) const;
  std::size_t wanted_tiles(const Split& split) const;

  TaskId submit_whole(std::shared_ptr<const Operands> operands);
  TaskId submit_tiles(std::shared_ptr<const Operands> operands, const Partition& partition,
                      bool reuse);
  Task& add(std::shared_ptr<const Operands> operands, std::size_t bytes);
  void offer(Task& task, bool at_head);
  Claim hand_out(Task& task, const std::string& worker);
  void release(Task& task);
  void take_back(Task& task, const std::string& reason);
  void end(Task& task, TaskState state);
  void finish(Task& task, TaskState state);
  void complete_tile(Task& tile);
  void fail_task(Task& task);
  void withdraw_tiles(const Task& parent);
  Phases phases_of(const Task& task, const WorkerPhases& worker);
  void forget_finished();
  void note_presence(const std::string& worker);
  void expire_leases_locked();
  void watch_leases();

  const StoreOptions options_;
  const Digester digester_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  bool stopping_ = false;

  std::unordered_map<TaskId, std::shared_ptr<Task>> tasks_;
  std::deque<TaskId> queue_;        // empty whenever somebody waits for a task
  std::list<Claimant*> claimants_;  // in the order of their coming
  std::list<TaskId> held_;          // in the order in which their leases run out
  std::deque<TaskId> finished_;     // in the order of their finishing
  TaskId last_id_ = 0;
  std::atomic<std::uint64_t> last_salt_ = 0;
  std::uint64_t last_lease_ = 0;
  StoreStats counts_;  // what has happened since the start
  std::size_t stored_bytes_ = 0;
  std::size_t unfinished_bytes_ = 0;

  WorkerRegistry workers_;
  std::size_t presence_waiters_ = 0;
  std::condition_variable presence_changed_;

  bool lease_thread_rests_ = false;
  std::condition_variable lease_added_;
  std::thread lease_thread_;
};

}  // namespace enxame
