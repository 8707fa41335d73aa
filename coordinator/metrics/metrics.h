#pragma once

#include <string_view>
#include <vector>

#include "coordinator/metrics/push_metrics.h"
#include "coordinator/metrics/store_metrics.h"
#include "coordinator/store/task_store.h"
#include "http/server/server.h"
#include "metrics/exposition.h"
#include "metrics/http_metrics.h"
#include "metrics/phase_metrics.h"

namespace enxame::coordinator {

/// Everything that the coordinator tells Prometheus: its process, its HTTP server, its store, and
/// the phases of tasks. Thread-safe.
class CoordinatorMetrics {
 public:
  /// `routes`: Routes::names(). `store` must outlive this.
  CoordinatorMetrics(TaskStore& store, const std::vector<std::string_view>& routes);

  /// For http::ServerOptions.
  http::ServerObserver& observer() { return http_; }

  /// What is counted of WebSockets.
  PushMetrics& push() { return push_; }

  /// A task was completed: where its time went until then.
  void completed(const TaskView& task);

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
