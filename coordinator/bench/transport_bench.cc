// What a relayed task costs beyond its bare transport: the round trip of one multiplication through
// a coordinator, over REST (binary, JSON) and over WebSocket, with one native worker, beside the
// bare echo of the same bytes over the same transport.
//
// A relayed task crosses two legs, client ↔ coordinator and coordinator ↔ worker. Its reference
// therefore is the sum of two echoes of our echo server (echo_server.h), each of which stands for
// one leg as if it were one exchange:
//
//   client's leg    sends the bytes of A and B, is answered with those of C
//   worker's leg    sends the bytes of C, is answered with those of A and B
//
// Over REST the client really needs two exchanges (POST /task, GET /result) unless it submits and
// collects in one, and the worker two (GET /task/next, POST /task/ID/result): what those cost is
// part of what the ratio shows. Client, server and worker are threads of this process and speak
// over loopback; the server of the echo and the coordinator are the same HTTP server.
//
// Task and echoes are timed alternately in one loop, since neighbours on the machine disturb both
// alike. `ratio` is the median round trip over the median of the echoes' sum; `overhead` leaves the
// kernel out: (round trip − compute) / echoes.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/bench/bench_worker.h"
#include "coordinator/bench/echo_server.h"
#include "coordinator/client/coordinator_matmul.h"
#include "coordinator/client/frame_pieces.h"
#include "coordinator/client/websocket_matmul.h"
#include "coordinator/coordinator.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/stopwatch.h"
#include "net/system.h"
#include "wire/message.h"
#include "wire/rest.h"

namespace enxame::coordinator {
namespace {

/// What a task weighs on the wire.
struct Weight {
  std::size_t task_bytes;
  std::size_t product_bytes;
};

Weight weigh(const Matrix& a, const Matrix& b, Codec codec) {
  if (codec == Codec::binary) {
    return {wire::multiply_payload_bytes(a.shape(), b.shape()),
            wire::product_payload_bytes(product_shape(a.shape(), b.shape())) -
                wire::kWorkerPhasesBytes};
  }
  return {encode_text(a).size() + encode_text(b).size(),
          encode_text(multiply(a, b, Kernel::simd)).size()};
}

/// One leg of a bare echo.
class EchoLeg {
 public:
  virtual ~EchoLeg() = default;
  virtual void round_trip() = 0;
};

class RestEcho : public EchoLeg {
 public:
  RestEcho(const std::string& url, std::size_t sent, std::size_t answered)
      : client_(http::Origin::parse(url)),
        bytes_(sent, 'x'),
        call_{.method = "POST",
              .target = "/echo?bytes=" + std::to_string(answered),
              .content_type = wire::rest::kBinaryType,
              .pieces = {bytes_}} {}
  void round_trip() override { client_.send(call_); }

 private:
  http::Client client_;
  std::string bytes_;
  http::Call call_;
};

class WebSocketEcho : public EchoLeg {
 public:
  WebSocketEcho(const std::string& url, std::size_t sent, std::size_t answered)
      : connection_(http::Origin::parse(url), "/ws-echo?bytes=" + std::to_string(answered), {}),
        sent_(sent, 'x'),
        answer_(answered, '\0') {}
  void round_trip() override {
    http::WebSocket& socket = connection_.socket();
    socket.send({sent_});
    socket.await();
    socket.read_exactly(answer_.data(), answer_.size());
    socket.expect_end();
  }

 private:
  http::WebSocketClient connection_;
  std::string sent_;
  std::string answer_;
};

/// A coordinator in this process.
struct Served : Coordinator {
  Served() : Coordinator({.store = {.max_stored_bytes = std::size_t{256} << 20}}) { listen(); }
};

double median_us(std::vector<Duration>& samples) {
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::ranges::nth_element(samples, middle);
  return std::chrono::duration<double, std::micro>(*middle).count();
}

void measure(benchmark::State& state, Matmul& matmul, EchoLeg& client_leg, EchoLeg& worker_leg,
             const Matrix& a, const Matrix& b) {
  std::vector<Duration> tasks;
  std::vector<Duration> echoes;
  std::vector<Duration> computes;
  for (auto _ : state) {
    Stopwatch watch;
    const Product product = matmul.multiply(a, b);
    tasks.push_back(watch.lap());
    computes.push_back(product.phases.worker.compute);
    watch.lap();
    client_leg.round_trip();
    worker_leg.round_trip();
    echoes.push_back(watch.lap());
  }
  const double task_us = median_us(tasks);
  const double echo_us = median_us(echoes);
  const double compute_us = median_us(computes);
  state.counters["task_us"] = task_us;
  state.counters["echo_us"] = echo_us;
  state.counters["compute_us"] = compute_us;
  state.counters["ratio"] = task_us / echo_us;
  state.counters["overhead"] = (task_us - compute_us) / echo_us;
}

Matrix operand(const benchmark::State& state, std::uint64_t seed) {
  const auto n = static_cast<std::size_t>(state.range(0));
  return random_matrix<double>({n, n}, seed);
}

void rest(benchmark::State& state, Codec codec) {
  const Matrix a = operand(state, 1);
  const Matrix b = operand(state, 2);
  const Weight weight = weigh(a, b, codec);
  Served coordinator;
  RestBenchWorker worker(coordinator.url(), codec, Kernel::simd);
  CoordinatorMatmul matmul(coordinator.url(), codec);
  EchoServer echo;
  RestEcho client_leg(echo.url(), weight.task_bytes, weight.product_bytes);
  RestEcho worker_leg(echo.url(), weight.product_bytes, weight.task_bytes);
  measure(state, matmul, client_leg, worker_leg, a, b);
}

void BM_RestBinary(benchmark::State& state) { rest(state, Codec::binary); }

void BM_RestJson(benchmark::State& state) { rest(state, Codec::json); }

void BM_WebSocket(benchmark::State& state) {
  const Matrix a = operand(state, 1);
  const Matrix b = operand(state, 2);
  const Weight weight = weigh(a, b, Codec::binary);
  const std::size_t task_bytes =
      wire::kMessageHeaderBytes + wire::kSubmissionBytes + weight.task_bytes;
  const std::size_t product_bytes =
      wire::kMessageHeaderBytes + wire::kDeliveredHeadBytes + weight.product_bytes;
  Served coordinator;
  PushBenchWorker worker(coordinator.url(), Kernel::simd);
  WebSocketMatmul matmul(coordinator.url());
  EchoServer echo;
  WebSocketEcho client_leg(echo.url(), task_bytes, product_bytes);
  WebSocketEcho worker_leg(echo.url(), product_bytes, task_bytes);
  measure(state, matmul, client_leg, worker_leg, a, b);
}

/// A large task on its way through a coordinator, POST /task and GET /task/next, beside a bare echo
/// that takes and gives as many bytes, and beside copying them in memory twice.
void BM_LargeBodies(benchmark::State& state) {
  const Matrix a = operand(state, 1);
  const std::size_t bytes = weigh(a, a, Codec::binary).task_bytes;
  Served coordinator;
  http::Client client(http::Origin::parse(coordinator.url()));
  const FramePieces frame(a);
  const http::Call submit{.method = "POST",
                          .target = "/task",
                          .content_type = wire::rest::kBinaryType,
                          .pieces = {frame.head(), frame.payload(), frame.padding(), frame.head(),
                                     frame.payload(), frame.padding()}};
  const http::Call claim{.target = "/task/next?workerId=w1",
                         .headers = {{"Accept", wire::rest::kBinaryType}}};
  EchoServer server;
  RestEcho echo(server.url(), bytes, bytes);
  const std::string source(bytes, 'x');
  std::string copy(bytes, 'y');
  std::vector<Duration> tasks;
  std::vector<Duration> echoes;
  std::vector<Duration> copies;
  for (auto _ : state) {
    Stopwatch watch;
    client.send(submit);
    const http::Reply task = client.send(claim);
    tasks.push_back(watch.lap());
    const TaskId id = std::stoull(std::string(task.header(wire::rest::kTaskHeader)));
    coordinator.broker().fail(*coordinator.broker().held(id, Holder::named("w1")), "measured");
    watch.lap();
    echo.round_trip();
    echoes.push_back(watch.lap());
    copy = source;
    benchmark::DoNotOptimize(copy.data());
    copy = source;
    benchmark::DoNotOptimize(copy.data());
    copies.push_back(watch.lap());
  }
  const double moved = 2 * static_cast<double>(bytes);
  const double task_us = median_us(tasks);
  const double echo_us = median_us(echoes);
  state.counters["task_MB_per_s"] = moved / task_us;
  state.counters["echo_MB_per_s"] = moved / echo_us;
  state.counters["copy_MB_per_s"] = moved / median_us(copies);
  state.counters["ratio"] = task_us / echo_us;
}
BENCHMARK(BM_LargeBodies)->ArgName("n")->Arg(1024)->Arg(2048)->UseRealTime();

void with_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n")->Arg(8)->Arg(64)->Arg(256)->Arg(512)->UseRealTime();
}
BENCHMARK(BM_RestBinary)->Apply(with_sizes);
BENCHMARK(BM_RestJson)->Apply(with_sizes);
BENCHMARK(BM_WebSocket)->Apply(with_sizes);

}  // namespace
}  // namespace enxame::coordinator

int main(int argc, char** argv) {
  // As the coordinator does.
  enxame::net::keep_freed_memory();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
