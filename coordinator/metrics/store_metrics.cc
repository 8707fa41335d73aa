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

Reading reading(const std::string& label, std::string_view value, double count) {
  return {{{label, std::string(value)}}, count};
}

double number(std::uint64_t count) { return static_cast<double>(count); }

MetricFamily count_workers(const std::vector<WorkerView>& workers) {
  std::vector<Reading> readings;
  for (const WorkerState state : {WorkerState::asking, WorkerState::working, WorkerState::silent}) {
    readings.push_back(
        reading("state", to_string(state),
                static_cast<double>(std::ranges::count(workers, state, &WorkerView::state))));
  }
  return metrics::gauges("enxame_workers", "Workers known by name.", readings);
}

}  // namespace

std::vector<MetricFamily> StoreMetrics::Collect() const {
  const StoreStats stats = broker_.stats();
  return {
      metrics::counter("enxame_tasks_submitted_total", "Tasks accepted.", number(submitted_)),
      metrics::counters("enxame_tasks_finished_total", "Tasks that came to an end.",
                        {reading("state", "completed", number(completed_)),
                         reading("state", "failed", number(failed_))}),
      metrics::counter("enxame_tiles_completed_total", "Tiles of split tasks whose product came.",
                       number(tiles_)),
      metrics::gauges("enxame_tasks", "Tasks, and tiles of split ones, that are not finished.",
                      {reading("state", "pending", number(stats.queued)),
                       reading("state", "processing", number(stats.active))}),
      metrics::counter("enxame_task_attempts_total",
                       "Tasks handed to a worker, again each time that one came back.",
                       times(TaskEvent::claimed)),
      metrics::counters("enxame_task_returns_total", "Tasks that came back without a product.",
                        {reading("reason", "lease-expired", times(TaskEvent::expired)),
                         reading("reason", "rejected", times(TaskEvent::nacked)),
                         reading("reason", "given-back",
                                 times(TaskEvent::undelivered) + times(TaskEvent::unsent)),
                         reading("reason", "lost", times(TaskEvent::abandoned))}),
      metrics::gauge("enxame_claimants", "Asks that wait for a task.", number(broker_.claimants())),
      metrics::gauge("enxame_store_bytes", "What tasks and their products take.",
                     number(stats.stored_bytes)),
      metrics::counter("enxame_tasks_forgotten_total", "Finished tasks let go for want of room.",
                       number(forgotten_)),
      count_workers(broker_.workers(0, std::chrono::milliseconds(0), [] { return true; }))};
}

void StoreMetrics::changed(const TaskChange& change) noexcept {
  const TaskRecord& task = change.task;
  if (!task.is_split()) ++events_[static_cast<std::size_t>(change.event)];
  if (task.is_tile()) {
    if (task.state() == TaskState::completed) ++tiles_;
  } else if (is_finished(task.state())) {
    ++(task.state() == TaskState::completed ? completed_ : failed_);
  }
}

/// How often that has happened.
double StoreMetrics::times(TaskEvent event) const {
  return number(events_[static_cast<std::size_t>(event)]);
}

}  // namespace enxame::coordinator
