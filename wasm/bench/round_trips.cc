// round-trips: a native client's round trips of tasks through a coordinator, and, in between, those
// of its own bare echo: the client's part of round-trips.mjs. Prints one JSON object.

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/program.h"
#include "coordinator/client/coordinator_matmul.h"
#include "coordinator/client/websocket_matmul.h"
#include "http/client/client.h"
#include "http/client/websocket_client.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/product_check.h"
#include "matmul/timing/stopwatch.h"
#include "wire/message.h"

namespace enxame::bench {
namespace {

constexpr std::size_t kWarmUp = 3;

enum class Transport { rest, ws };

std::string_view to_string(Transport transport) {
  return transport == Transport::rest ? "rest" : "ws";
}

constexpr std::array kTransports{Transport::rest, Transport::ws};
constexpr std::array kCodecs{Codec::json, Codec::binary};

struct Settings {
  std::string coordinator;
  std::string echo;
  Transport transport = Transport::rest;
  Codec codec = Codec::binary;
  std::size_t n = 64;
  std::chrono::milliseconds duration{500};
};

/// What a task weighs on the wire of a codec.
struct Weight {
  std::size_t task;
  std::size_t product;
};

Weight weigh(const Matrix& a, const Matrix& b, const Matrix& c, Codec codec) {
  if (codec == Codec::json) {
    return {encode_text(a).size() + encode_text(b).size(), encode_text(c).size()};
  }
  const auto frame = [](const Matrix& matrix) {
    return FrameHeader{Dtype::f64, matrix.shape()}.frame_bytes();
  };
  return {frame(a) + frame(b), frame(c)};
}

/// The client's leg of a bare echo.
class Echo {
 public:
  virtual ~Echo() = default;
  virtual void round_trip() = 0;
};

class RestEcho : public Echo {
 public:
  RestEcho(const std::string& url, const Weight& weight)
      : client_(http::Origin::parse(url)),
        call_{.method = "POST",
              .target = "/echo?bytes=" + std::to_string(weight.product),
              .content_type = "application/octet-stream",
              .body = std::string(weight.task, 'x')} {}
  void round_trip() override { client_.send(call_); }

 private:
  http::Client client_;
  http::Call call_;
};

class WebSocketEcho : public Echo {
 public:
  WebSocketEcho(const std::string& url, const Weight& weight)
      : client_(http::Origin::parse(url), "/ws-echo?bytes=" + std::to_string(weight.product), {}),
        message_(weight.task, 'x') {}
  void round_trip() override {
    client_.socket().send({message_});
    if (client_.socket().await() != http::WebSocket::Event::message) {
      throw std::runtime_error("the echo has ended");
    }
    client_.socket().read_rest();
  }

 private:
  http::WebSocketClient client_;
  std::string message_;
};

double median_ms(std::vector<Duration> samples) {
  if (samples.empty()) return 0;
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::ranges::nth_element(samples, middle);
  return std::chrono::duration<double, std::milli>(*middle).count();
}

std::unique_ptr<Matmul> open(const Settings& settings) {
  if (settings.transport == Transport::ws) {
    return std::make_unique<coordinator::WebSocketMatmul>(settings.coordinator);
  }
  return std::make_unique<coordinator::CoordinatorMatmul>(settings.coordinator, settings.codec);
}

std::unique_ptr<Echo> open_echo(const Settings& settings, const Weight& weight) {
  if (settings.transport == Transport::ws) {
    return std::make_unique<WebSocketEcho>(settings.echo, weight);
  }
  return std::make_unique<RestEcho>(settings.echo, weight);
}

int run(const Settings& settings) {
  const Shape shape{settings.n, settings.n};
  const Matrix a = random_matrix<double>(shape, 1);
  const Matrix b = random_matrix<double>(shape, 2);
  const ProductChecker checker(a, b);
  const Weight weight = weigh(a, b, checker.reference(), settings.codec);
  const std::unique_ptr<Matmul> system = open(settings);
  const std::unique_ptr<Echo> echo = open_echo(settings, weight);

  std::vector<Duration> tasks;
  std::vector<Duration> computes;
  std::vector<Duration> overheads;
  std::vector<Duration> echoes;
  const auto end = std::chrono::steady_clock::now() + settings.duration;
  for (std::size_t i = 0; i <= kWarmUp || std::chrono::steady_clock::now() < end; ++i) {
    Stopwatch watch;
    const Product product = system->multiply(a, b);
    const Duration task = watch.lap();
    echo->round_trip();
    const Duration echoed = watch.lap();
    if (const auto wrong = checker.check(product.matrix)) {
      throw std::runtime_error("a wrong product");
    }
    if (i < kWarmUp) continue;
    tasks.push_back(task);
    computes.push_back(product.phases.worker.compute);
    overheads.push_back(task - product.phases.worker.compute);
    echoes.push_back(echoed);
  }
  std::cout << nlohmann::json{{"samples", tasks.size()},
                              {"task_bytes", weight.task},
                              {"product_bytes", weight.product},
                              {"task_ms", median_ms(tasks)},
                              {"compute_ms", median_ms(computes)},
                              {"overhead_ms", median_ms(overheads)},
                              {"echo_ms", median_ms(echoes)}}
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace enxame::bench

int main(int argc, char** argv) {
  enxame::bench::Settings settings;
  enxame::cli::Flags flags("round-trips",
                           "Times round trips of tasks and of the bare echo, in turn.");
  flags.text("coordinator", settings.coordinator, "URL", "a coordinator with a worker");
  flags.text("echo", settings.echo, "URL", "an echo-server");
  flags.choice("transport", settings.transport, enxame::bench::kTransports,
               "of the client and its echo");
  flags.choice("codec", settings.codec, enxame::bench::kCodecs, "how matrices travel (rest)");
  flags.integer<std::size_t>("n", settings.n, 1, 4096, "order of the matrices");
  flags.duration("duration", settings.duration, "how long to measure");
  flags.example(
      "round-trips --coordinator http://127.0.0.1:8080 --echo http://127.0.0.1:8081 --transport "
      "ws");
  return enxame::cli::run_program(flags, argc, argv, [&] { return enxame::bench::run(settings); });
}
