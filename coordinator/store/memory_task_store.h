#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "coordinator/store/store_options.h"
#include "coordinator/store/task_ledger.h"
#include "coordinator/store/task_store.h"
#include "coordinator/store/worker_registry.h"
#include "wire/digester.h"

namespace enxame::coordinator {

/// Keeps tasks in this process's memory: a TaskLedger under a lock, and those who wait for it.
///
/// A submitted task is put into the hands of the claimant that has waited longest, which alone is
/// woken; the same goes for results and for workers that are waited for. Finished tasks are
/// forgotten, oldest first, when all tasks together take more than `max_stored_bytes`; the one
/// finished last is always kept. A task takes room for its product from the start; a split one
/// takes its operands once, however many tiles share them, and its product is put together while
/// its tiles come.
class MemoryTaskStore : public TaskStore {
 public:
  /// Throws std::invalid_argument for a first id that no task can have.
  explicit MemoryTaskStore(StoreOptions options);
  ~MemoryTaskStore() override;
  MemoryTaskStore(const MemoryTaskStore&) = delete;
  MemoryTaskStore& operator=(const MemoryTaskStore&) = delete;

  using TaskStore::result;
  using TaskStore::submit;
  using TaskStore::workers;
  TaskId submit(std::shared_ptr<const Operands> operands, const Split& split) override;
  std::optional<Claim> claim(Asker asker, std::chrono::milliseconds patience,
                             const StillThere& still_there) override;
  void give_back(const Claim& claim) noexcept override;
  void put_back(const Claim& claim) noexcept override;
  void lose(const Claim& claim, std::string_view how) noexcept override;
  std::shared_ptr<const Operands> held_operands(TaskId id, const Holder& holder) const override;
  TaskView complete(TaskId id, const Holder& holder, Completion completion) override;
  TaskView fail(TaskId id, const Holder& holder, const std::string& reason) override;
  TaskView reject(TaskId id, const Holder& holder, const std::string& reason) override;
  TaskView result(TaskId id, std::chrono::milliseconds patience,
                  const StillThere& still_there) override;
  StoreStats stats() const override;
  std::vector<WorkerView> workers(std::size_t count, std::chrono::milliseconds patience,
                                  const StillThere& still_there) override;
  void close() override;

  /// Takes back every task whose lease has run out. A thread of the store does this in time;
  /// whoever sets the clock calls it.
  void expire_leases();

 private:
  using Lock = std::unique_lock<std::mutex>;

  struct Claimant {
    Asker asker;
    std::optional<Claim> claim;
    std::condition_variable served;
  };

  /// Somebody who waits until so many workers are there.
  struct PresenceWaiter {
    std::shared_ptr<const std::vector<WorkerView>> found;
    std::condition_variable satisfied;
  };

  template <typename IsOver>
  void wait(Lock& lock, std::condition_variable& event, std::chrono::milliseconds patience,
            const StillThere& still_there, IsOver is_over);
  std::size_t wanted_tiles(const Split& split);
  void serve() noexcept;
  void note_lease() noexcept;
  void note_presence(const std::string& worker);
  void watch_leases();

  const StoreOptions options_;
  const wire::Digester digester_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  bool stopping_ = false;
  std::atomic<std::uint64_t> last_salt_ = 0;

  WorkerRegistry workers_;
  TaskLedger ledger_;               // its queue is empty whenever somebody waits for a task
  std::list<Claimant*> claimants_;  // in the order of their coming
  std::multimap<std::size_t, PresenceWaiter*> presence_waiters_;  // by how many they wait for

  bool lease_thread_rests_ = false;
  std::condition_variable lease_added_;
  std::thread lease_thread_;
};

}  // namespace enxame::coordinator
