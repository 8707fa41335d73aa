// What one task costs in the coordinator, whatever its matrices: full cycles per second beside a
// handler that answers a constant on the same HTTP server, and how soon a long-poll hears of its
// event. Server and clients share this process.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "coordinator/bench/lean_connection.h"
#include "coordinator/coordinator.h"
#include "http/server/server.h"

namespace enxame::coordinator {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kCyclesPerRound = 800;
constexpr int kRequestsPerCycle = 4;

std::string post(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

const std::string& submission() {
  static const std::string request = post("/task", R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})");
  return request;
}

/// The number in {"taskId":17…
std::string task_in(std::string_view answer) {
  constexpr std::string_view kBegin = R"({"taskId":)";
  answer.remove_prefix(kBegin.size());
  return std::string(answer.substr(0, answer.find_first_not_of("0123456789")));
}

struct Served : Coordinator {
  // Small enough that old tasks are forgotten while we measure, as they are in a long run.
  Served() : Coordinator({.store = {.max_stored_bytes = std::size_t{16} << 20}}) { listen(); }
};

/// A server that answers a constant.
struct Bare {
  http::Server server{api_options({}),
                      [](http::Request&) { return http::Response{.body = R"({"taskId":1})"}; }};
};

void run_cycle(LeanConnection& connection) {
  connection.exchange(submission());
  const std::string task = task_in(connection.exchange(get("/task/next?workerId=w1")));
  connection.exchange(post("/task/" + task + "/result", R"({"result":"[[19,22],[43,50]]"})"));
  connection.exchange(get("/result/" + task));
}

void run_bare(LeanConnection& connection) {
  for (int i = 0; i < kRequestsPerCycle; ++i) connection.exchange(submission());
}

/// Seconds that all connections together take for kCyclesPerRound calls of `work`, one thread each.
double time_round(std::list<LeanConnection>& connections,
                  const std::function<void(LeanConnection&)>& work) {
  const int each = kCyclesPerRound / static_cast<int>(connections.size());
  const auto start = Steady::now();
  std::vector<std::thread> clients;
  for (LeanConnection& connection : connections) {
    clients.emplace_back([&, each] {
      for (int i = 0; i < each; ++i) work(connection);
    });
  }
  for (std::thread& client : clients) client.join();
  return std::chrono::duration<double>(Steady::now() - start).count();
}

std::list<LeanConnection> connect(std::uint16_t port, std::int64_t count) {
  std::list<LeanConnection> connections;
  for (std::int64_t i = 0; i < count; ++i) connections.emplace_back(port);
  return connections;
}

void BM_Cycle(benchmark::State& state) {
  Served coordinator;
  Bare bare;
  auto to_coordinator = connect(coordinator.port(), state.range(0));
  auto to_bare = connect(bare.server.port(), state.range(0));
  double cycle_seconds = 0;
  double bare_seconds = 0;
  for (auto _ : state) {
    // Interleaved, so that both meet the same noise.
    const double round = time_round(to_coordinator, run_cycle);
    bare_seconds += time_round(to_bare, run_bare);
    cycle_seconds += round;
    state.SetIterationTime(round);
  }
  const double cycles = static_cast<double>(state.iterations()) * kCyclesPerRound;
  state.counters["cycles_per_s"] = cycles / cycle_seconds;
  state.counters["bare_requests_per_s"] = cycles * kRequestsPerCycle / bare_seconds;
  state.counters["bare/coordinator"] = cycle_seconds / bare_seconds;
}
BENCHMARK(BM_Cycle)->Arg(1)->Arg(4)->Arg(16)->UseManualTime()->MinTime(2)->Unit(
    benchmark::kMillisecond);

/// Samples of one duration, in seconds, as counters in microseconds.
void report(benchmark::State& state, const std::string& name, std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const auto quantile = [&](double q) {
    return seconds[static_cast<std::size_t>(q * static_cast<double>(seconds.size() - 1))] * 1e6;
  };
  state.counters[name + "_median_us"] = quantile(0.5);
  state.counters[name + "_p99_us"] = quantile(0.99);
}

/// Seconds of one exchange that waits for nothing: what the machine makes of a round trip at this
/// moment.
double time_round_trip(LeanConnection& actor) {
  static const std::string request = get("/health");
  const auto sent = Steady::now();
  actor.exchange(request);
  return std::chrono::duration<double>(Steady::now() - sent).count();
}

/// Seconds from the sending of `event` on one connection to the answer that `waiting` waits for on
/// another.
double time_wake_up(LeanConnection& waiter, LeanConnection& actor, const std::string& waiting,
                    const std::string& event) {
  waiter.send(waiting);
  // Long enough for the server to have begun to wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  Steady::time_point answered;
  std::thread listener([&] {
    waiter.receive();
    answered = Steady::now();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto sent = Steady::now();
  actor.exchange(event);
  listener.join();
  return std::chrono::duration<double>(answered - sent).count();
}

void BM_WakeUpByTask(benchmark::State& state) {
  Served coordinator;
  LeanConnection waiter(coordinator.port());
  LeanConnection actor(coordinator.port());
  std::vector<double> seconds;
  std::vector<double> round_trips;
  for (auto _ : state) {
    round_trips.push_back(time_round_trip(actor));
    seconds.push_back(
        time_wake_up(waiter, actor, get("/task/next?workerId=w1&wait=20000"), submission()));
    state.SetIterationTime(seconds.back());
  }
  report(state, "wake_up", std::move(seconds));
  report(state, "round_trip", std::move(round_trips));
}
BENCHMARK(BM_WakeUpByTask)->UseManualTime()->Iterations(400)->Unit(benchmark::kMicrosecond);

void BM_WakeUpByResult(benchmark::State& state) {
  Served coordinator;
  LeanConnection waiter(coordinator.port());
  LeanConnection actor(coordinator.port());
  std::vector<double> seconds;
  std::vector<double> round_trips;
  for (auto _ : state) {
    round_trips.push_back(time_round_trip(actor));
    const std::string task = task_in(actor.exchange(submission()));
    actor.exchange(get("/task/next"));
    seconds.push_back(
        time_wake_up(waiter, actor, get("/result/" + task + "?wait=20000"),
                     post("/task/" + task + "/result", R"({"result":"[[19,22],[43,50]]"})")));
    state.SetIterationTime(seconds.back());
  }
  report(state, "wake_up", std::move(seconds));
  report(state, "round_trip", std::move(round_trips));
}
BENCHMARK(BM_WakeUpByResult)->UseManualTime()->Iterations(400)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace enxame::coordinator
