// What the RPC adds to the bare transport: one multiplication on a worker in this process, over
// loopback TCP, beside an echo server on the same Poco sockets that takes as many bytes as the
// request has and answers with as many as the answer.
//
// `rpc` is the whole multiply() of a MatmulProxy with one worker; `echo` the same bytes there and
// back with nothing done to them. Both are timed alternately in one loop, since neighbours on the
// machine disturb both alike; `ratio` is the median of `rpc` over the median of `echo`. `overhead`
// leaves the kernel out: (rpc − compute) / echo.

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "native-baseline/local_matmul.h"
#include "native-baseline/matmul_proxy.h"
#include "matmul/message.h"
#include "native-baseline/rpc/worker_server.h"
#include "matmul/stopwatch.h"

namespace enxame {
namespace {

using Poco::Net::StreamSocket;

bool read_exactly(StreamSocket& socket, std::string& bytes) {
  for (std::size_t have = 0; have < bytes.size();) {
    const int got = socket.receiveBytes(bytes.data() + have, static_cast<int>(bytes.size() - have));
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

void write_all(StreamSocket& socket, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    sent += static_cast<std::size_t>(
        socket.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent)));
  }
}

/// Plain blocking sockets at both ends; buffers made once.
class Echo {
 public:
  Echo(std::size_t request_bytes, std::size_t answer_bytes)
      : request_(request_bytes, 'x'), answer_(answer_bytes, '\0') {
    client_.connect(listener_.address());
    client_.setNoDelay(true);
    server_ = std::thread([this] { answer_all(listener_.acceptConnection()); });
  }
  ~Echo() {
    client_.shutdownSend();
    server_.join();
  }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;

  void round_trip() {
    write_all(client_, request_);
    read_exactly(client_, answer_);
  }

 private:
  void answer_all(StreamSocket socket) const {
    socket.setNoDelay(true);
    std::string request(request_.size(), '\0');
    const std::string answer(answer_.size(), 'y');
    while (read_exactly(socket, request)) write_all(socket, answer);
  }

  std::string request_;
  std::string answer_;
  Poco::Net::ServerSocket listener_{Poco::Net::SocketAddress("127.0.0.1", 0)};
  StreamSocket client_;
  std::thread server_;
};

double median_us(std::vector<Duration>& samples) {
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::ranges::nth_element(samples, middle);
  return std::chrono::duration<double, std::micro>(*middle).count();
}

void BM_RoundTrip(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const Matrix a = random_matrix<double>({n, n}, 1);
  const Matrix b = random_matrix<double>({n, n}, 2);
  LocalMatmul kernel(Kernel::simd);
  rpc::WorkerServer worker({}, kernel);
  MatmulProxy proxy({{"127.0.0.1", worker.port()}});
  Echo echo(rpc::kMessageHeaderBytes + rpc::multiply_payload_bytes(a.shape(), b.shape()),
            rpc::kMessageHeaderBytes + rpc::product_payload_bytes(a.shape()));
  std::vector<Duration> rpc_samples;
  std::vector<Duration> echo_samples;
  std::vector<Duration> compute_samples;
  for (auto _ : state) {
    Stopwatch watch;
    const Product product = proxy.multiply(a, b);
    rpc_samples.push_back(watch.lap());
    echo.round_trip();
    echo_samples.push_back(watch.lap());
    compute_samples.push_back(product.phases.worker.compute);
  }
  const double rpc_us = median_us(rpc_samples);
  const double echo_us = median_us(echo_samples);
  const double compute_us = median_us(compute_samples);
  state.counters["rpc_us"] = rpc_us;
  state.counters["echo_us"] = echo_us;
  state.counters["compute_us"] = compute_us;
  state.counters["ratio"] = rpc_us / echo_us;
  state.counters["overhead"] = (rpc_us - compute_us) / echo_us;
}
BENCHMARK(BM_RoundTrip)->ArgName("n")->Arg(2)->Arg(64)->Arg(256)->UseRealTime();

}  // namespace
}  // namespace enxame
