#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "coordinator/store/payload_store.h"
#include "coordinator/store/store_options.h"
#include "coordinator/store/task_ledger.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// Keeps tasks in this process's memory: a TaskLedger under a lock.
///
/// Finished tasks are forgotten, oldest first, when all tasks together take more than
/// `max_stored_bytes`; the one finished last is kept in any case. A task takes room for its product
/// from the start; a split one takes its operands once, however many tiles share them.
class MemoryTaskStore : public TaskStore {
 public:
  /// `payloads` outlives this. Throws std::invalid_argument for a first id that no task can have.
  MemoryTaskStore(StoreOptions options, PayloadStore& payloads);

  void add_observer(TaskObserver& observer) override;
  Submitted submit(const NewTask& task, const Instant& at) override;
  void restore(const NewTask& task, const Restored& restored, const Instant& at) override;
  TaskRecord cancel(TaskId id, const Instant& at) override;
  TaskRecord retry(TaskId id, const Instant& at) override;
  std::optional<Claim> claim(Asker& asker, const Instant& at) override;
  void requeue(const Claim& claim, const Instant& at) noexcept override;
  void unclaim(const Claim& claim, const Instant& at) noexcept override;
  void abandon(const Claim& claim, std::string_view how, const Instant& at) noexcept override;
  bool renew(const Claim& claim, const Instant& at) noexcept override;
  std::optional<Held> held(TaskId id, const Holder& holder) const override;
  TaskRecord complete(const Claim& claim, Completion completion, const Instant& at) override;
  TaskRecord fail(const Claim& claim, const std::string& reason, const Instant& at) override;
  TaskRecord nack(const Claim& claim, const std::string& reason, const Instant& at) override;
  void contradict(TaskId id, Contradiction contradiction) override;
  TaskRecord find(TaskId id) const override;
  StoreStats stats() const override;
  void expire_leases(const Instant& at) noexcept override;
  std::optional<Instant> next_expiry() const override;
  Duration shortest_lease() const noexcept override;

 private:
  TaskLedger::Task* find_held(const Claim& claim);
  template <typename Attempt>
  auto telling_refusals(const Attempt& attempt);

  const StoreOptions options_;
  PayloadStore& payloads_;
  mutable std::mutex mutex_;
  TaskLedger ledger_;
};

}  // namespace enxame::coordinator
