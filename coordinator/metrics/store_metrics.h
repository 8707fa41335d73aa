#pragma once

#include <prometheus/collectable.h>

#include <vector>

#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// What a store says of its tasks and workers, read anew at each collection.
class StoreMetrics : public prometheus::Collectable {
 public:
  /// `store` must outlive this.
  explicit StoreMetrics(TaskStore& store) : store_(store) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  TaskStore& store_;
};

}  // namespace enxame::coordinator
