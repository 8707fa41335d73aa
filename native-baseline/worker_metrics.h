#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include "metrics/exposition.h"
#include "metrics/phase_metrics.h"
#include "native-baseline/rpc/worker_observer.h"

namespace enxame::native {

/// What an RPC worker tells Prometheus: its process, its connections, its tasks and their phases.
/// Every series is there from the start. Thread-safe.
class WorkerMetrics : public rpc::WorkerObserver {
 public:
  WorkerMetrics();

  const metrics::Exposition& exposition() const { return exposition_; }

  void opened() noexcept override;
  void turned_away() noexcept override;
  void closed() noexcept override;
  void answered(const rpc::TaskReport& report) noexcept override;

 private:
  metrics::Exposition exposition_;
  metrics::PhaseMetrics phases_;
  prometheus::Family<prometheus::Counter>& tasks_;
  prometheus::Counter& products_;
  prometheus::Counter& refused_;
  prometheus::Counter& failed_;
  prometheus::Gauge& connections_;
  prometheus::Counter& opened_;
  prometheus::Counter& turned_away_;
  prometheus::Counter& received_bytes_;
  prometheus::Counter& sent_bytes_;
};

}  // namespace enxame::native
