#pragma once

#include <ctime>

namespace enxame {

/// CPU seconds of this process, which a machine shared with others does not stretch.
inline double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// CPU seconds that `work` takes, from as many runs as take long enough to be measured.
template <typename Work>
double seconds_per_run(Work work) {
  constexpr double kLongEnough = 0.01;
  for (int runs = 1;; runs *= 2) {
    const double begin = cpu_seconds();
    for (int i = 0; i < runs; ++i) work();
    const double elapsed = cpu_seconds() - begin;
    if (elapsed >= kLongEnough) return elapsed / runs;
  }
}

}  // namespace enxame
