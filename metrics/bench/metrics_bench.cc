// What metrics cost: an observed request, an observed task, and a page that is asked for.

#include <benchmark/benchmark.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "metrics/exposition.h"
#include "metrics/http_metrics.h"
#include "metrics/phase_metrics.h"

namespace enxame::metrics {
namespace {

const std::vector<std::string_view> kRoutes{
    "site",         "preflight", "/task",    "/task/next", "/task/{id}/result",
    "/result/{id}", "/stats",    "/workers", "/health",    "/metrics"};

void BM_Request(benchmark::State& state) {
  static Exposition exposition;
  static HttpMetrics metrics(exposition.registry(), kRoutes);
  for (auto _ : state) {
    metrics.answered({"/result/{id}", 200, std::chrono::microseconds(60), 300, 500});
  }
}
BENCHMARK(BM_Request)->Threads(1)->Threads(2);

void BM_Task(benchmark::State& state) {
  static Exposition exposition;
  static PhaseMetrics metrics(exposition.registry(),
                              {Phase::queue, Phase::dispatch, Phase::decode, Phase::compute,
                               Phase::encode, Phase::return_trip, Phase::collect});
  const Phases phases{.queue = std::chrono::microseconds(20),
                      .dispatch = std::chrono::microseconds(70),
                      .worker = {.compute = std::chrono::microseconds(900)},
                      .return_trip = std::chrono::microseconds(50)};
  for (auto _ : state) metrics.observe(phases);
}
BENCHMARK(BM_Task)->Threads(1)->Threads(2);

void BM_Page(benchmark::State& state) {
  Exposition exposition;
  const HttpMetrics http(exposition.registry(), kRoutes);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = exposition.answer().body.size();
  state.counters["page_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(BM_Page)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace enxame::metrics
