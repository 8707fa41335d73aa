// A coordinator as a queue: full cycles of small tasks over those of beanstalkd, taken in turns in
// one run, with and without verification and with a journal that is written out; and what a task,
// or the withdrawal of a split one, costs in the store, in time and memory, while a thousand or a
// million wait.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "coordinator/bench/beanstalkd.h"
#include "coordinator/bench/lean_connection.h"
#include "coordinator/coordinator.h"
#include "coordinator/store/memory_payload_store.h"
#include "coordinator/store/memory_task_store.h"
#include "testing/scratch.h"

namespace enxame::coordinator {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kCyclesPerRound = 400;
constexpr int kConnections = 4;
constexpr const char* kTask = R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";
constexpr const char* kProduct = R"({"result":"[[19,22],[43,50]]"})";

std::string post(const std::string& target, const std::string& body) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

/// The number in {"taskId":17…
std::string task_in(std::string_view answer) {
  answer.remove_prefix(std::string_view(R"({"taskId":)").size());
  return std::string(answer.substr(0, answer.find_first_not_of("0123456789")));
}

void run_cycle(LeanConnection& connection) {
  connection.exchange(post("/task", kTask));
  const std::string task = task_in(connection.exchange(get("/task/next?workerId=w1")));
  connection.exchange(post("/task/" + task + "/result", kProduct));
  connection.exchange(get("/result/" + task));
}

/// Seconds that all connections together take for a round.
template <typename Connection>
double time_round(std::list<Connection>& connections,
                  const std::function<void(Connection&)>& cycle) {
  const auto start = Steady::now();
  std::vector<std::thread> clients;
  for (Connection& connection : connections) {
    clients.emplace_back([&] {
      for (int i = 0; i < kCyclesPerRound / kConnections; ++i) cycle(connection);
    });
  }
  for (std::thread& client : clients) client.join();
  return std::chrono::duration<double>(Steady::now() - start).count();
}

enum class Kind { plain, verifying, journal };

void BM_CycleOverBeanstalkd(benchmark::State& state, Kind kind) {
  if (!Beanstalkd::is_installed()) return state.SkipWithError("beanstalkd is not installed");
  const Scratch scratch;
  CoordinatorOptions options{.store = {.max_stored_bytes = std::size_t{16} << 20}};
  if (kind == Kind::verifying) options.broker.verify = Verify::all;
  if (kind == Kind::journal) options.journal.folder = scratch.path();
  Coordinator coordinator(std::move(options));
  coordinator.listen();
  const Beanstalkd beanstalkd(kind == Kind::journal);
  std::list<LeanConnection> ours;
  std::list<BeanstalkConnection> theirs;
  for (int i = 0; i < kConnections; ++i) {
    ours.emplace_back(coordinator.port());
    theirs.emplace_back(beanstalkd.port());
  }
  double our_seconds = 0;
  double their_seconds = 0;
  for (auto _ : state) {
    const double round = time_round<LeanConnection>(ours, run_cycle);
    their_seconds += time_round<BeanstalkConnection>(
        theirs, [](BeanstalkConnection& connection) { connection.run_cycle(kTask); });
    our_seconds += round;
    state.SetIterationTime(round);
  }
  const double cycles = static_cast<double>(state.iterations()) * kCyclesPerRound;
  state.counters["cycles_per_s"] = cycles / our_seconds;
  state.counters["beanstalkd_per_s"] = cycles / their_seconds;
  state.counters["over_beanstalkd"] = their_seconds / our_seconds;
}
BENCHMARK_CAPTURE(BM_CycleOverBeanstalkd, plain, Kind::plain)
    ->UseManualTime()
    ->MinTime(3)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_CycleOverBeanstalkd, verifying, Kind::verifying)
    ->UseManualTime()
    ->MinTime(3)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_CycleOverBeanstalkd, journal, Kind::journal)
    ->UseManualTime()
    ->MinTime(3)
    ->Unit(benchmark::kMillisecond);

std::size_t allocated_bytes() { return mallinfo2().uordblks; }

/// A task that comes and one that goes while so many wait.
void BM_WithQueue(benchmark::State& state) {
  const auto waiting = static_cast<std::size_t>(state.range(0));
  MemoryPayloadStore payloads;
  MemoryTaskStore store({.max_queued = 2 * waiting + 10, .max_stored_bytes = std::size_t{8} << 30},
                        payloads);
  const auto submit = [&] {
    const auto operands = std::make_shared<const Operands>(parse_operands(Codec::json, kTask));
    store.submit({.operands = payloads.keep(operands), .product_bytes = 96}, {});
  };
  const std::size_t before = allocated_bytes();
  for (std::size_t i = 0; i < waiting; ++i) submit();
  state.counters["bytes_per_task"] =
      static_cast<double>(allocated_bytes() - before) / static_cast<double>(waiting);
  for (auto _ : state) {
    submit();
    Asker asker("w1");
    const auto claim = store.claim(asker, {});
    const PayloadRef product =
        payloads.keep(std::make_shared<const Result>(Result{Codec::json, "[[19,22],[43,50]]"}));
    benchmark::DoNotOptimize(store.complete(*claim, {.product = product}, {}));
  }
}
BENCHMARK(BM_WithQueue)->Arg(1'000)->Arg(1'000'000)->Iterations(100'000);

/// A split task that comes and is cancelled, with all of its tiles, while so many wait.
void BM_WithdrawASplit(benchmark::State& state) {
  constexpr std::size_t kTiles = 16;
  const auto waiting = static_cast<std::size_t>(state.range(0));
  MemoryPayloadStore payloads;
  MemoryTaskStore store(
      {.max_queued = 2 * waiting + kTiles, .max_stored_bytes = std::size_t{8} << 30}, payloads);
  const auto operands = std::make_shared<const Operands>(parse_operands(Codec::json, kTask));
  const auto keep = [&] { return payloads.keep(operands); };
  for (std::size_t i = 0; i < waiting; ++i) {
    store.submit({.operands = keep(), .product_bytes = 96}, {});
  }
  for (auto _ : state) {
    const Submitted task = store.submit(
        {.operands = keep(), .product_bytes = 96, .tiles = kTiles, .product = keep()}, {});
    benchmark::DoNotOptimize(store.cancel(task.id, {}));
  }
}
BENCHMARK(BM_WithdrawASplit)->Arg(1'000)->Arg(1'000'000)->Iterations(20'000);

}  // namespace
}  // namespace enxame::coordinator
