#include "coordinator/metrics.h"

#include <chrono>

namespace enxame {

using metrics::Phase;

CoordinatorMetrics::CoordinatorMetrics(TaskStore& store,
                                       const std::vector<std::string_view>& routes)
    : http_(exposition_.registry(), routes),
      phases_(exposition_.registry(), {Phase::queue, Phase::transport, Phase::decode,
                                       Phase::compute, Phase::encode, Phase::collect}),
      push_(exposition_.registry()),
      store_(store) {
  exposition_.add(store_);
}

void CoordinatorMetrics::completed(const TaskView& task) {
  phases_.observe(Phase::queue, task.queue);
  // In floating point: what a worker reports is up to 292 years, and three of these overflow.
  using Seconds = metrics::PhaseMetrics::Seconds;
  phases_.observe(Phase::transport, Seconds(task.away) - Seconds(task.phases.decode) -
                                        task.phases.compute - task.phases.encode);
  phases_.observe(task.phases);
}

void CoordinatorMetrics::collected(const TaskView& task) {
  if (task.state != TaskState::completed) return;
  phases_.observe(Phase::collect, std::chrono::steady_clock::now() - task.finished_at);
}

}  // namespace enxame
