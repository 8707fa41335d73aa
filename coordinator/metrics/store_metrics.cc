#include "coordinator/metrics/store_metrics.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "metrics/families.h"

namespace enxame::coordinator {

namespace {

using metrics::Reading;
using prometheus::MetricFamily;

Reading reading(const std::string& label, std::string_view value, std::uint64_t count) {
  return {{{label, std::string(value)}}, static_cast<double>(count)};
}

double number(std::uint64_t count) { return static_cast<double>(count); }

MetricFamily count_workers(const std::vector<WorkerView>& workers) {
  std::vector<Reading> readings;
  for (const WorkerState state : {WorkerState::asking, WorkerState::working, WorkerState::silent}) {
    readings.push_back(reading(
        "state", to_string(state),
        static_cast<std::uint64_t>(std::ranges::count(workers, state, &WorkerView::state))));
  }
  return metrics::gauges("enxame_workers", "Workers known by name.", readings);
}

}  // namespace

std::vector<MetricFamily> StoreMetrics::Collect() const {
  const StoreStats stats = store_.stats();
  return {metrics::counter("enxame_tasks_submitted_total", "Tasks accepted.", number(stats.total)),
          metrics::counters("enxame_tasks_finished_total", "Tasks that came to an end.",
                            {reading("state", "completed", stats.completed),
                             reading("state", "failed", stats.failed)}),
          metrics::counter("enxame_tiles_completed_total",
                           "Tiles of split tasks whose product came.", number(stats.tiles)),
          metrics::gauges("enxame_tasks", "Tasks, and tiles of split ones, that are not finished.",
                          {reading("state", "pending", stats.queued),
                           reading("state", "processing", stats.active)}),
          metrics::counter("enxame_task_attempts_total",
                           "Tasks handed to a worker, again each time that one came back.",
                           number(stats.handed_out)),
          metrics::counters("enxame_task_returns_total", "Tasks that came back without a product.",
                            {reading("reason", "lease-expired", stats.leases_expired),
                             reading("reason", "rejected", stats.rejected),
                             reading("reason", "given-back", stats.given_back),
                             reading("reason", "lost", stats.lost)}),
          metrics::gauge("enxame_claimants", "Asks that wait for a task.", number(stats.claimants)),
          metrics::gauge("enxame_store_bytes", "What tasks and their products take.",
                         number(stats.stored_bytes)),
          metrics::counter("enxame_tasks_forgotten_total",
                           "Finished tasks let go for want of room.", number(stats.forgotten)),
          count_workers(store_.workers(0, std::chrono::milliseconds(0)))};
}

}  // namespace enxame::coordinator
