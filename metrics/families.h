#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <string>
#include <vector>

namespace enxame::metrics {

/// One series of a family whose values are read when they are asked for.
struct Reading {
  std::vector<prometheus::ClientMetric::Label> labels;
  double value;
};

/// A family of counters; its name ends in "_total".
prometheus::MetricFamily counters(std::string name, std::string help,
                                  const std::vector<Reading>& readings);

/// A family of gauges.
prometheus::MetricFamily gauges(std::string name, std::string help,
                                const std::vector<Reading>& readings);

/// Families of one series without labels.
prometheus::MetricFamily counter(std::string name, std::string help, double value);
prometheus::MetricFamily gauge(std::string name, std::string help, double value);

}  // namespace enxame::metrics
