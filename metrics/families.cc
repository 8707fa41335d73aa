#include "metrics/families.h"

#include <utility>

namespace enxame::metrics {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily counters(std::string name, std::string help, const std::vector<Reading>& readings) {
  MetricFamily family{std::move(name), std::move(help), MetricType::Counter, {}};
  for (const Reading& reading : readings) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = reading.labels;
    metric.counter.value = reading.value;
  }
  return family;
}

MetricFamily gauges(std::string name, std::string help, const std::vector<Reading>& readings) {
  MetricFamily family{std::move(name), std::move(help), MetricType::Gauge, {}};
  for (const Reading& reading : readings) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = reading.labels;
    metric.gauge.value = reading.value;
  }
  return family;
}

MetricFamily counter(std::string name, std::string help, double value) {
  return counters(std::move(name), std::move(help), {{{}, value}});
}

MetricFamily gauge(std::string name, std::string help, double value) {
  return gauges(std::move(name), std::move(help), {{{}, value}});
}

}  // namespace enxame::metrics
