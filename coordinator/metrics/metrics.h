#pragma once

#include <string_view>
#include <vector>

#include "coordinator/broker/task_broker.h"
#include "coordinator/metrics/push_metrics.h"
#include "coordinator/metrics/store_metrics.h"
#include "coordinator/store/task_store.h"
#include "http/server/server.h"
#include "metrics/exposition.h"
#include "metrics/http_metrics.h"
#include "metrics/phase_metrics.h"

namespace enxame::coordinator {

/// Everything that the coordinator tells Prometheus: its process, its HTTP server, its tasks, and
/// their phases. Thread-safe.
class CoordinatorMetrics : public TaskObserver {
 public:
  /// `routes`: Routes::names(). `store`, which it watches, and its `broker` must outlive this.
  CoordinatorMetrics(TaskStore& store, TaskBroker& broker,
                     const std::vector<std::string_view>& routes);

  /// For http::ServerOptions.
  http::ServerObserver& observer() { return http_; }

  /// What is counted of WebSockets.
  PushMetrics& push() { return push_; }

  /// Where the time of a task, or a tile, went until it was completed.
  void changed(const TaskChange& change) noexcept override;

  /// A task was asked for; if it is completed, the time since then is its collect phase.
  void collected(const TaskView& task);

  /// The page.
  http::Response answer() const { return exposition_.answer(); }

 private:
  metrics::Exposition exposition_;
  metrics::HttpMetrics http_;
  metrics::PhaseMetrics phases_;
  PushMetrics push_;
  StoreMetrics store_;
};

}  // namespace enxame::coordinator
