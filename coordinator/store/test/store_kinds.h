#pragma once

#include <memory>
#include <ostream>
#include <string_view>
#include <vector>

#include "coordinator/store/memory_task_store.h"
#include "coordinator/store/payload_store.h"
#include "coordinator/store/store_options.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// An implementation of TaskStore, which the contract suite is run against.
struct StoreKind {
  std::string_view name;
  std::unique_ptr<TaskStore> (*make)(const StoreOptions&, PayloadStore&);

  friend std::ostream& operator<<(std::ostream& out, const StoreKind& kind) {
    return out << kind.name;
  }
};

inline constexpr StoreKind kMemoryStore{
    "Memory", [](const StoreOptions& options, PayloadStore& payloads) {
      return std::unique_ptr<TaskStore>(std::make_unique<MemoryTaskStore>(options, payloads));
    }};

/// All that have to pass; a new one is one more.
inline std::vector<StoreKind> store_kinds() { return {kMemoryStore}; }

}  // namespace enxame::coordinator
