#pragma once

#include <atomic>
#include <optional>

#include "coordinator/store/memory_task_store.h"

namespace enxame::coordinator {

/// A store that cannot always be asked.
class UnsteadyStore : public MemoryTaskStore {
 public:
  using MemoryTaskStore::MemoryTaskStore;
  std::optional<Claim> claim(Asker& asker, const Instant& at) override {
    check();
    return MemoryTaskStore::claim(asker, at);
  }
  TaskRecord find(TaskId id) const override {
    check();
    return MemoryTaskStore::find(id);
  }

  std::atomic<bool> is_gone = false;

 private:
  void check() const {
    if (is_gone) throw StoreUnavailable("no connection");
  }
};

}  // namespace enxame::coordinator
