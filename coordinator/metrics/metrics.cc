#include "coordinator/metrics/metrics.h"

#include <chrono>

namespace enxame::coordinator {

using metrics::Phase;

CoordinatorMetrics::CoordinatorMetrics(TaskStore& store,
                                       const std::vector<std::string_view>& routes)
    : http_(exposition_.registry(), routes),
      phases_(exposition_.registry(), {Phase::queue, Phase::dispatch, Phase::decode, Phase::compute,
                                       Phase::encode, Phase::return_trip, Phase::collect}),
      push_(exposition_.registry()),
      store_(store) {
  exposition_.add(store_);
}

void CoordinatorMetrics::completed(const TaskView& task) {
  phases_.observe(Phase::queue, task.phases.queue);
  phases_.observe(Phase::dispatch, task.phases.dispatch);
  phases_.observe(task.phases.worker);
  phases_.observe(Phase::return_trip, task.phases.return_trip);
}

void CoordinatorMetrics::collected(const TaskView& task) {
  if (task.state != TaskState::completed) return;
  phases_.observe(Phase::collect, std::chrono::steady_clock::now() - task.finished_at);
}

}  // namespace enxame::coordinator
