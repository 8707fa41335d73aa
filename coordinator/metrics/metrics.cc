#include "coordinator/metrics/metrics.h"

#include <chrono>

namespace enxame::coordinator {

using metrics::Phase;

CoordinatorMetrics::CoordinatorMetrics(TaskStore& store, TaskBroker& broker,
                                       const std::vector<std::string_view>& routes)
    : http_(exposition_.registry(), routes),
      phases_(exposition_.registry(), {Phase::queue, Phase::dispatch, Phase::decode, Phase::compute,
                                       Phase::encode, Phase::return_trip, Phase::collect}),
      push_(exposition_.registry()),
      store_(broker) {
  exposition_.add(store_);
  store.add_observer(store_);
  store.add_observer(*this);
}

void CoordinatorMetrics::changed(const TaskChange& change) noexcept {
  const bool is_completed =
      change.event == TaskEvent::completed || change.event == TaskEvent::accepted_late;
  if (!is_completed || change.task.is_split()) return;
  const Phases phases = phases_of(change.task);
  phases_.observe(Phase::queue, phases.queue);
  phases_.observe(Phase::dispatch, phases.dispatch);
  phases_.observe(phases.worker);
  phases_.observe(Phase::return_trip, phases.return_trip);
}

void CoordinatorMetrics::collected(const TaskView& task) {
  if (task.state != TaskState::completed) return;
  phases_.observe(Phase::collect, std::chrono::steady_clock::now() - task.finished_at);
}

}  // namespace enxame::coordinator
