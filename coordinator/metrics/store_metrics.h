#pragma once

#include <prometheus/collectable.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "coordinator/broker/task_broker.h"
#include "coordinator/store/task_observer.h"

namespace enxame::coordinator {

/// What happens to tasks, counted as it does, and what there is of tasks and workers, read anew at
/// each collection. Thread-safe.
class StoreMetrics : public prometheus::Collectable, public TaskObserver {
 public:
  /// `broker` must outlive this.
  explicit StoreMetrics(TaskBroker& broker) : broker_(broker) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

  void submitted(const TaskRecord&) noexcept override { ++submitted_; }
  void refused(Refusal why) noexcept override { ++refused_[static_cast<std::size_t>(why)]; }
  void changed(const TaskChange& change) noexcept override;
  void forgotten(const TaskRecord&) noexcept override { ++forgotten_; }

 private:
  using Count = std::atomic<std::uint64_t>;

  double times(TaskEvent event) const;
  double times(Refusal why) const;
  Count* finished_as(TaskState state) noexcept;

  TaskBroker& broker_;
  Count submitted_ = 0;
  Count completed_ = 0;  // a split task is one
  Count failed_ = 0;     // a split task is one
  Count cancelled_ = 0;  // a split task is one
  Count retried_ = 0;    // a split task is one
  Count tiles_ = 0;      // tiles whose product came
  Count forgotten_ = 0;
  std::array<Count, 3> refused_{};           // by Refusal
  std::array<Count, kTaskEvents> events_{};  // of tasks that workers take, tiles among them
};

}  // namespace enxame::coordinator
