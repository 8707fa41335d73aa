#include "native-baseline/client/front_matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "matmul/codec/text_codec.h"
#include "matmul/test/example.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/front/http_front.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class CountingObserver : public http::ServerObserver {
 public:
  void opened() noexcept override { ++opened_; }
  void turned_away() noexcept override {}
  void closed() noexcept override {}
  void answered(const http::Exchange&) noexcept override {}

  int connections() const { return opened_; }

 private:
  std::atomic<int> opened_ = 0;
};

/// The front of matmul-server before a Matmul, on a port of its own.
class CountedFront {
 public:
  explicit CountedFront(Matmul& matmul)
      : server_(front_options({.observer = &observer_}), matmul_front(matmul, metrics_)) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int connections() const { return observer_.connections(); }

 private:
  FrontMetrics metrics_;
  CountingObserver observer_;
  http::Server server_;
};

TEST(FrontMatmulTest, MultipliesThroughTheFrontAndNamesIt) {
  PlainMatmul matmul;
  const CountedFront front(matmul);
  FrontMatmul client(front.url());
  const Matrix a = random_matrix<double>({7, 30}, 1);
  const Matrix b = random_matrix<double>({30, 4}, 2);
  const Product product = client.multiply(a, b);
  EXPECT_EQ(product.matrix, plain_product(a, b));
  EXPECT_EQ(product.worker, front.url());
}

TEST(FrontMatmulTest, KnowsWhatPassesBeforeTheRequestIsWrittenAndAfterTheAnswerBegins) {
  PlainMatmul matmul;
  const CountedFront front(matmul);
  FrontMatmul client(front.url());
  Stopwatch watch;
  const Phases phases = client.multiply(kA, kB).phases;
  const Duration took = watch.lap();
  EXPECT_GT(phases.submit, 0ns);
  EXPECT_GT(phases.collect, 0ns);
  EXPECT_EQ(phases.total(), phases.submit + phases.collect);
  EXPECT_LT(phases.total(), took);
}

// A front that computes for longer does not make any phase of its client longer.
TEST(FrontMatmulTest, WhatTheFrontDoesIsInNoPhase) {
  class SlowMatmul : public PlainMatmul {
   public:
    Product multiply(const Matrix& a, const Matrix& b) override {
      std::this_thread::sleep_for(300ms);
      return PlainMatmul::multiply(a, b);
    }
  };
  SlowMatmul matmul;
  const CountedFront front(matmul);
  FrontMatmul client(front.url());
  EXPECT_LT(client.multiply(kA, kB).phases.total(), 300ms);
}

TEST(FrontMatmulTest, KeepsItsConnectionUnlessItIsToldNotTo) {
  for (const auto& [connections, expected] :
       {std::pair{http::Connections::kept, 1}, {http::Connections::per_request, 3}}) {
    PlainMatmul matmul;
    const CountedFront front(matmul);
    FrontMatmul client(front.url(), {.http = {.connections = connections}});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.multiply(kA, kB).matrix, kC);
    EXPECT_EQ(front.connections(), expected) << to_string(connections);
  }
}

TEST(FrontMatmulTest, SaysWhatTheFrontSaid) {
  MatmulProxy gone({refusing_address()});
  const CountedFront front(gone);
  FrontMatmul client(front.url());
  EXPECT_THAT([&] { client.multiply(kA, kB); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr(front.url() + ": POST /matmul: 502: no worker could multiply"))));
}

TEST(FrontMatmulTest, FactorsThatNobodyCanMultiplyAreNotSent) {
  PlainMatmul matmul;
  const CountedFront front(matmul);
  FrontMatmul client(front.url());
  EXPECT_THROW(client.multiply(kA, Matrix{{1, 2}}), ShapeError);
  EXPECT_THROW(client.multiply(Matrix{{HUGE_VAL}}, Matrix{{1}}), TextError);
  EXPECT_EQ(front.connections(), 0);
}

TEST(FrontMatmulTest, AProductThatIsNoneIsNamed) {
  for (const auto& [body, reason] :
       {std::pair<std::string, std::string>{"[[1]]", "it is 1 × 1, expected 2 × 2"},
        {"[[1,2],[3]]", "cannot be read"}}) {
    FakeWorker front([&body = body](Poco::Net::StreamSocket& socket) {
      read_bytes(socket, 1);
      write_all(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                            std::to_string(body.size()) + "\r\n\r\n" + body);
      read_all(socket);
    });
    FrontMatmul client("http://" + to_string(front.address()));
    EXPECT_THAT([&] { client.multiply(kA, kB); },
                ThrowsMessage<std::runtime_error>(
                    AllOf(HasSubstr(to_string(front.address())), HasSubstr(reason))));
  }
}

TEST(FrontMatmulTest, AFrontThatIsSilentOrNotThereIsNamed) {
  FakeWorker silent([](Poco::Net::StreamSocket& socket) { read_all(socket); });
  for (const rpc::WorkerAddress& address : {silent.address(), refusing_address()}) {
    FrontMatmul client("http://" + to_string(address),
                       {.timeout = 50ms, .http = {.timeout = 50ms}});
    EXPECT_THAT([&] { client.multiply(kA, kB); },
                ThrowsMessage<std::runtime_error>(HasSubstr(to_string(address))));
  }
}

TEST(FrontMatmulTest, AnUrlThatIsNoneIsRefused) {
  EXPECT_THROW(FrontMatmul("127.0.0.1:8080"), std::invalid_argument);
}

}  // namespace
}  // namespace enxame::native
