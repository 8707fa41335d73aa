#include "metrics/phase_metrics.h"

#include <algorithm>
#include <string>

#include "metrics/buckets.h"

namespace enxame::metrics {

std::string_view to_string(Phase phase) {
  constexpr std::array<std::string_view, 8> kNames{"submit",  "queue",  "dispatch", "decode",
                                                   "compute", "encode", "return",   "collect"};
  return kNames[static_cast<std::size_t>(phase)];
}

PhaseMetrics::PhaseMetrics(prometheus::Registry& registry, const std::vector<Phase>& phases) {
  auto& family = prometheus::BuildHistogram()
                     .Name("enxame_task_phase_seconds")
                     .Help("Time that tasks spent in each phase of their life.")
                     .Register(registry);
  for (const Phase phase : phases) {
    histograms_[static_cast<std::size_t>(phase)] =
        &family.Add({{"phase", std::string(to_string(phase))}}, duration_buckets());
  }
}

void PhaseMetrics::observe(Phase phase, Seconds duration) {
  prometheus::Histogram* histogram = histograms_[static_cast<std::size_t>(phase)];
  if (histogram == nullptr) return;
  histogram->Observe(std::max(0.0, duration.count()));
}

void PhaseMetrics::observe(const WorkerPhases& phases) {
  observe(Phase::decode, phases.decode);
  observe(Phase::compute, phases.compute);
  observe(Phase::encode, phases.encode);
}

void PhaseMetrics::observe(const Phases& phases) {
  observe(Phase::submit, phases.submit);
  observe(Phase::queue, phases.queue);
  observe(Phase::dispatch, phases.dispatch);
  observe(phases.worker);
  observe(Phase::return_trip, phases.return_trip);
  observe(Phase::collect, phases.collect);
}

}  // namespace enxame::metrics
