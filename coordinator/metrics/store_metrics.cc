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
      metrics::counters("enxame_tasks_refused_total",
                        "Tasks that were not accepted for want of room.",
                        {reading("reason", "queue-full", times(Refusal::queue_full)),
                         reading("reason", "store-full", times(Refusal::store_full)),
                         reading("reason", "too-large", times(Refusal::too_large))}),
      metrics::counters("enxame_tasks_finished_total", "Tasks that came to an end.",
                        {reading("state", "completed", number(completed_)),
                         reading("state", "failed", number(failed_)),
                         reading("state", "cancelled", number(cancelled_))}),
      metrics::counter("enxame_tasks_retried_total",
                       "Failed tasks put back into the queue by hand.", number(retried_)),
      metrics::counter("enxame_products_late_total",
                       "Products that were taken though the claim they came from was over.",
                       times(TaskEvent::accepted_late)),
      metrics::counter("enxame_tiles_completed_total", "Tiles of split tasks whose product came.",
                       number(tiles_)),
      metrics::gauges("enxame_tasks", "Tasks, and tiles of split ones, that are not finished.",
                      {reading("state", "pending", number(stats.queued)),
                       reading("state", "processing", number(stats.active))}),
      metrics::counter("enxame_task_attempts_total",
                       "Tasks handed to a worker, again each time that one came back.",
                       times(TaskEvent::claimed)),
      metrics::counters("enxame_products_verified_total", "Products of workers that were verified.",
                        {reading("verdict", "right", number(broker_.verified().right)),
                         reading("verdict", "wrong", number(broker_.verified().wrong))}),
      metrics::counters("enxame_task_returns_total", "Tasks that came back without a product.",
                        {reading("reason", "lease-expired", times(TaskEvent::expired)),
                         reading("reason", "rejected", times(TaskEvent::nacked)),
                         reading("reason", "given-back",
                                 times(TaskEvent::undelivered) + times(TaskEvent::unsent)),
                         reading("reason", "lost", times(TaskEvent::abandoned)),
                         reading("reason", "revoked", times(TaskEvent::revoked))}),
      metrics::gauge("enxame_claimants", "Asks that wait for a task.", number(broker_.claimants())),
      metrics::gauge("enxame_store_bytes", "What tasks and their products take.",
                     number(stats.stored_bytes)),
      metrics::counter("enxame_tasks_forgotten_total", "Finished tasks let go for want of room.",
                       number(forgotten_)),
      metrics::counter("enxame_journal_transactions_total",
                       "Transactions that the journal has written; 0 without one.",
                       number(broker_.written().transactions)),
      metrics::counter("enxame_journal_entries_total",
                       "What happened to tasks that the journal has written.",
                       number(broker_.written().entries)),
      metrics::gauge("enxame_journal_waiting",
                     "What happened to tasks that the journal has not written yet.",
                     number(broker_.written().waiting)),
      count_workers(broker_.workers(0, std::chrono::milliseconds(0), [] { return true; }))};
}

void StoreMetrics::changed(const TaskChange& change) noexcept {
  const TaskRecord& task = change.task;
  if (!task.is_split()) ++events_[static_cast<std::size_t>(change.event)];
  if (task.is_tile()) {
    if (task.state() == TaskState::completed) ++tiles_;
  } else if (change.event == TaskEvent::retried) {
    ++retried_;
  } else if (Count* finished = finished_as(task.state())) {
    ++*finished;
  }
}

/// Tasks that ended so; null for a state that is no end.
StoreMetrics::Count* StoreMetrics::finished_as(TaskState state) noexcept {
  switch (state) {
    case TaskState::completed:
      return &completed_;
    case TaskState::failed:
      return &failed_;
    case TaskState::cancelled:
      return &cancelled_;
    case TaskState::pending:
    case TaskState::processing:
      break;
  }
  return nullptr;
}

/// How often that has happened.
double StoreMetrics::times(TaskEvent event) const {
  return number(events_[static_cast<std::size_t>(event)]);
}

double StoreMetrics::times(Refusal why) const {
  return number(refused_[static_cast<std::size_t>(why)]);
}

}  // namespace enxame::coordinator
