// What the RPC adds to its bare transport: one multiplication on a worker in a process of its own,
// over loopback, beside an echo server in another that takes as many bytes as the request has and
// answers with as many as the answer, over the same transport.
//
//   rpc       the whole multiply() of a MatmulProxy with one worker
//   echo      the same bytes there and back with nothing done to them
//   compute   the worker's kernel, as it reports
//   ratio     rpc / echo
//   overhead  (rpc − compute) / echo
//
// All are medians in µs. Both are timed alternately in one loop, since neighbours on the machine
// disturb both alike. Where their ends run is given, client and servers on one core or on two: left
// to itself the scheduler has the ends of one pair on one core and those of the other on two, and
// keeps it so, and waking another core takes longer than what is measured here. For gRPC `stub` is
// a third kind of call in the loop: the echo through generated classes, with arenas, which is what
// a user of grpc/matmul.proto would write.

#include <benchmark/benchmark.h>
#include <sched.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matmul/kernel.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/bench/echo.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "testing/process.h"

namespace enxame::native {
namespace {

/// Small whole numbers, as the original's: their text is as short as its was.
Matrix whole_numbers(std::size_t n, std::uint64_t seed) {
  Matrix matrix = random_matrix<double>({n, n}, seed);
  for (double& value : matrix.values()) value = static_cast<double>(static_cast<int>(5 * value));
  return matrix;
}

/// How many bytes a multiplication sends and receives.
Sizes sizes_of(const EchoOfTransport& with, const Matrix& a, const Matrix& b, const Matrix& c) {
  return {with.transport->encode_task(1, a, b).size(), with.answer_bytes(c)};
}

/// This program again, as a server.
std::vector<std::string> echo_command(const std::string& kind, const rpc::Transport* transport,
                                      Sizes sizes) {
  return {"/proc/self/exe", kind, std::string(to_string(transport)), std::to_string(sizes.request),
          std::to_string(sizes.answer)};
}

class Samples {
 public:
  void add(Duration sample) { samples_.push_back(sample); }
  double median_us() {
    const auto middle = samples_.begin() + static_cast<std::ptrdiff_t>(samples_.size() / 2);
    std::ranges::nth_element(samples_, middle);
    return std::chrono::duration<double, std::micro>(*middle).count();
  }

 private:
  std::vector<Duration> samples_;
};

/// The processors that this program may use.
const std::vector<int>& processors() {
  static const std::vector<int> all = [] {
    cpu_set_t set;
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<int> found;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &set)) found.push_back(i);
    }
    return found;
  }();
  return all;
}

/// Keeps this thread on one processor, and the processes and threads that it starts from now on.
void stay_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

void round_trip(benchmark::State& state, const EchoOfTransport& with) {
  const rpc::Transport* const transport = with.transport;
  const auto n = static_cast<std::size_t>(state.range(0));
  const auto cores = static_cast<std::size_t>(state.range(1));
  if (cores > processors().size()) return state.SkipWithError("this machine has one core");
  const Matrix a = whole_numbers(n, 1);
  const Matrix b = whole_numbers(n, 2);
  const Sizes sizes = sizes_of(with, a, b, multiply(a, b, Kernel::simd));

  stay_on(processors()[cores - 1]);
  const testing::Process worker({"/proc/self/exe", "worker", std::string(to_string(transport))});
  const testing::Process echo_server(echo_command("echo", transport, sizes));
  std::optional<testing::Process> stub_server;
  if (with.stub) stub_server.emplace(echo_command("stub", transport, sizes));

  stay_on(processors()[0]);
  MatmulProxy proxy({rpc::parse_worker_address(worker.listening_on())}, {.transport = transport});
  const auto echo = with.echo.open(rpc::parse_worker_address(echo_server.listening_on()), sizes);
  std::unique_ptr<Echo> stub;
  if (with.stub) {
    stub = with.stub->open(rpc::parse_worker_address(stub_server->listening_on()), sizes);
  }

  Samples rpc_samples;
  Samples echo_samples;
  Samples stub_samples;
  Samples compute_samples;
  for (auto _ : state) {
    Stopwatch watch;
    const Product product = proxy.multiply(a, b);
    rpc_samples.add(watch.lap());
    echo->round_trip();
    echo_samples.add(watch.lap());
    if (stub) stub->round_trip();
    stub_samples.add(watch.lap());
    compute_samples.add(product.phases.worker.compute);
  }
  const double rpc_us = rpc_samples.median_us();
  const double echo_us = echo_samples.median_us();
  const double compute_us = compute_samples.median_us();
  state.counters["rpc"] = rpc_us;
  state.counters["echo"] = echo_us;
  state.counters["compute"] = compute_us;
  state.counters["ratio"] = rpc_us / echo_us;
  state.counters["overhead"] = (rpc_us - compute_us) / echo_us;
  if (stub) state.counters["stub"] = stub_samples.median_us();
}

void register_round_trips() {
  for (const EchoOfTransport& with : echoes()) {
    std::vector<std::int64_t> orders{8, 64, 256, 512};
    std::erase_if(orders, [&](std::int64_t n) { return n > with.largest_n; });
    benchmark::RegisterBenchmark(("round_trip/" + std::string(to_string(with.transport))).c_str(),
                                 [&with](benchmark::State& state) { round_trip(state, with); })
        ->ArgNames({"n", "cores"})
        ->ArgsProduct({orders, {1, 2}})
        ->UseRealTime();
  }
}

/// "worker TRANSPORT", or "echo" or "stub" and TRANSPORT REQUEST_BYTES ANSWER_BYTES: serves until
/// it is killed.
int serve(const std::vector<std::string>& words) {
  const EchoOfTransport& with = echo_of(words.at(1));
  if (words[0] != "worker") {
    const Sizes sizes{std::stoul(words.at(2)), std::stoul(words.at(3))};
    const EchoSides& sides = words[0] == "stub" ? with.stub.value() : with.echo;
    sides.serve(sizes);
  }
  KernelMultiplier multiplier(Kernel::simd);
  const auto server = with.transport->serve({}, multiplier);
  std::cout << "listening on 127.0.0.1:" << server->port() << std::endl;
  wait_until_killed();
}

}  // namespace
}  // namespace enxame::native

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && !words[0].starts_with("--")) return enxame::native::serve(words);
  enxame::native::register_round_trips();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
