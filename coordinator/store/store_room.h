#pragma once

#include <cstddef>

#include "coordinator/store/ledger_task.h"
#include "coordinator/store/payload_store.h"
#include "coordinator/store/store_options.h"

namespace enxame::coordinator {

/// The room that the tasks of a store take, with products that are still being sent.
class StoreRoom {
 public:
  /// Both outlive this.
  StoreRoom(const StoreOptions& options, const PayloadStore& payloads)
      : options_(options), payloads_(payloads) {}

  /// Throws TaskTooLarge or StoreFull where `bytes` more have no place beside what is not finished.
  void check(std::size_t bytes) const;

  /// A new task begins to take its whole_bytes, or a finished one does so again.
  void begin(LedgerTask& task) noexcept;
  /// What one that is not finished takes has changed by as much as a part of it.
  void resize(LedgerTask& task, std::size_t before, std::size_t after) noexcept;
  /// It takes what a finished task takes.
  void finish(LedgerTask& task) noexcept;
  /// A finished task takes nothing any more.
  void forget(const LedgerTask& task) noexcept;

  /// Whether tasks take more than they may, of which finished ones have to be forgotten.
  bool is_exceeded() const noexcept;
  /// What all take.
  std::size_t taken() const noexcept { return stored_bytes_ + payloads_.lingering_bytes(); }

 private:
  const StoreOptions& options_;
  const PayloadStore& payloads_;
  std::size_t stored_bytes_ = 0;      // of all tasks that are known
  std::size_t unfinished_bytes_ = 0;  // of those that are not finished
};

}  // namespace enxame::coordinator
