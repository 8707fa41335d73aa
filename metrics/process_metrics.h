#pragma once

#include <prometheus/collectable.h>

#include <vector>

namespace enxame::metrics {

/// What every Prometheus client library tells of its process, under the same names: processor time,
/// memory, open files, start time.
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
/// Read from /proc/self and getrlimit() at each collection.
class ProcessMetrics : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace enxame::metrics
