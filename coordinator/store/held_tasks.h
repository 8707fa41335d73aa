#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include "coordinator/store/ledger_task.h"
#include "coordinator/store/store_options.h"

namespace enxame::coordinator {

/// The tasks that workers hold, and when their leases run out. Takes no memory.
class HeldTasks {
 public:
  /// `options` outlives this.
  explicit HeldTasks(const StoreOptions& options) : options_(options) {}

  /// A task that is neither held nor finished becomes held from its lease_from on, or is given
  /// back.
  void add(LedgerTask& task) noexcept;
  void remove(LedgerTask& task) noexcept;
  /// The lease of a held task begins again, at its lease_from.
  void renew(LedgerTask& task) noexcept;

  /// How long a claim lasts that is not renewed.
  std::chrono::milliseconds lease_of(Fence fence) const noexcept;
  /// A task whose lease has run out; null where there is none.
  LedgerTask* expired(const Instant& at) const noexcept;
  /// When the next lease runs out, if a task is held.
  std::optional<Instant> next_expiry() const noexcept;

  std::size_t size() const noexcept { return held_[0].size() + held_[1].size(); }

 private:
  LedgerTask::Place& list_of(const LedgerTask& task) noexcept;
  /// The task of those under that fence whose lease runs out first; null where there is none.
  LedgerTask* first(Fence fence) const noexcept;

  const StoreOptions& options_;
  std::array<LedgerTask::Place, 2> held_;  // by fence, in the order in which their leases run out
};

}  // namespace enxame::coordinator
