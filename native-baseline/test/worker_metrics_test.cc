#include "native-baseline/worker_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/test/page.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

class WorkerMetricsTest : public ::testing::Test {
 protected:
  std::string page() const { return metrics.exposition().answer().body; }
  static rpc::WorkerServerOptions observed_by(rpc::WorkerObserver& observer) {
    rpc::WorkerServerOptions options;
    options.max_payload_bytes = 1000;
    options.observer = &observer;
    return options;
  }

  WorkerMetrics metrics;
  TestWorker worker{observed_by(metrics)};
  MatmulProxy proxy{{worker.address()}};
};

TEST_F(WorkerMetricsTest, EverySeriesIsThereBeforeItsFirstEvent) {
  for (const std::string series :
       {"enxame_worker_tasks_total{outcome=\"product\"}",
        "enxame_worker_tasks_total{outcome=\"refused\"}",
        "enxame_worker_tasks_total{outcome=\"failed\"}", "enxame_rpc_connections",
        "enxame_rpc_connections_total", "enxame_rpc_refused_connections_total",
        "enxame_rpc_received_bytes_total", "enxame_rpc_sent_bytes_total",
        "enxame_task_phase_seconds_count{phase=\"queue\"}",
        "enxame_task_phase_seconds_count{phase=\"decode\"}",
        "enxame_task_phase_seconds_count{phase=\"compute\"}",
        "enxame_task_phase_seconds_count{phase=\"encode\"}"}) {
    EXPECT_EQ(metrics::value_of(page(), series), 0);
  }
}

TEST_F(WorkerMetricsTest, CountsProductsAndTheirPhases) {
  const Matrix a = random_matrix<double>({3, 3}, 1);
  proxy.multiply(a, a);
  proxy.multiply(a, a);
  EXPECT_EQ(metrics::value_of(page(), "enxame_worker_tasks_total{outcome=\"product\"}"), 2);
  EXPECT_EQ(metrics::value_of(page(), "enxame_task_phase_seconds_count{phase=\"compute\"}"), 2);
  EXPECT_GT(metrics::value_of(page(), "enxame_task_phase_seconds_sum{phase=\"encode\"}"), 0);
  EXPECT_EQ(metrics::value_of(page(), "enxame_rpc_connections"), 1);
  const std::size_t sent = 2 * (wire::kMessageHeaderBytes + wire::product_payload_bytes({3, 3}));
  EXPECT_EQ(metrics::value_of(page(), "enxame_rpc_sent_bytes_total"), static_cast<double>(sent));
  const std::size_t received =
      2 * (wire::kMessageHeaderBytes + wire::multiply_payload_bytes({3, 3}, {3, 3}));
  EXPECT_EQ(metrics::value_of(page(), "enxame_rpc_received_bytes_total"),
            static_cast<double>(received));
}

TEST_F(WorkerMetricsTest, ARefusedTaskHasNoPhases) {
  const Matrix column = random_matrix<double>({12, 1}, 1);
  const Matrix row = random_matrix<double>({1, 12}, 1);
  EXPECT_THROW(proxy.multiply(column, row), TaskRefused);
  EXPECT_EQ(metrics::value_of(page(), "enxame_worker_tasks_total{outcome=\"refused\"}"), 1);
  EXPECT_EQ(metrics::value_of(page(), "enxame_task_phase_seconds_count{phase=\"compute\"}"), 0);
}

}  // namespace
}  // namespace enxame::native
