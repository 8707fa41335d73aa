#pragma once

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "matmul/timing/phases.h"

namespace enxame::metrics {

/// The phases of a task, as matmul/timing/phases.h explains them.
enum class Phase { submit, queue, dispatch, decode, compute, encode, return_trip, collect };

/// "submit", "queue", …; "return" of Phase::return_trip.
std::string_view to_string(Phase phase);

/// enxame_task_phase_seconds{phase}: how long tasks spend in the phases that one process knows of.
/// Thread-safe.
class PhaseMetrics {
 public:
  using Seconds = std::chrono::duration<double>;

  /// Makes a histogram for each of `phases` in `registry`, which must outlive this.
  PhaseMetrics(prometheus::Registry& registry, const std::vector<Phase>& phases);

  /// A phase that was not named above is passed over; a negative duration, the difference of two
  /// clocks, counts as zero.
  void observe(Phase phase, Seconds duration);

  /// decode, compute and encode.
  void observe(const WorkerPhases& phases);

  /// All of them.
  void observe(const Phases& phases);

 private:
  std::array<prometheus::Histogram*, 8> histograms_{};
};

}  // namespace enxame::metrics
