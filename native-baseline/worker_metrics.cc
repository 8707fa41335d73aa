#include "native-baseline/worker_metrics.h"

#include <prometheus/registry.h>

namespace enxame::native {

namespace {

using metrics::Phase;
using wire::MessageKind;

prometheus::Family<prometheus::Counter>& counters(metrics::Exposition& exposition, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(exposition.registry());
}

}  // namespace

WorkerMetrics::WorkerMetrics()
    : phases_(exposition_.registry(), {Phase::queue, Phase::decode, Phase::compute, Phase::encode}),
      tasks_(counters(exposition_, "enxame_worker_tasks_total", "Tasks answered.")),
      products_(tasks_.Add({{"outcome", "product"}})),
      refused_(tasks_.Add({{"outcome", "refused"}})),
      failed_(tasks_.Add({{"outcome", "failed"}})),
      connections_(prometheus::BuildGauge()
                       .Name("enxame_rpc_connections")
                       .Help("Connections that are open.")
                       .Register(exposition_.registry())
                       .Add({})),
      opened_(
          counters(exposition_, "enxame_rpc_connections_total", "Connections taken on.").Add({})),
      turned_away_(counters(exposition_, "enxame_rpc_refused_connections_total",
                            "Connections turned away for want of a place.")
                       .Add({})),
      received_bytes_(
          counters(exposition_, "enxame_rpc_received_bytes_total", "Bytes of tasks.").Add({})),
      sent_bytes_(
          counters(exposition_, "enxame_rpc_sent_bytes_total", "Bytes of answers.").Add({})) {}

void WorkerMetrics::opened() noexcept {
  connections_.Increment();
  opened_.Increment();
}

void WorkerMetrics::turned_away() noexcept { turned_away_.Increment(); }

void WorkerMetrics::closed() noexcept { connections_.Decrement(); }

void WorkerMetrics::answered(const rpc::TaskReport& report) noexcept {
  received_bytes_.Increment(static_cast<double>(report.received_bytes));
  sent_bytes_.Increment(static_cast<double>(report.sent_bytes));
  if (report.outcome == wire::MessageKind::refused) {
    refused_.Increment();
  } else if (report.outcome == wire::MessageKind::failed) {
    failed_.Increment();
  } else {
    products_.Increment();
    phases_.observe(Phase::queue, report.queue);
    phases_.observe(report.phases);
  }
}

}  // namespace enxame::native
