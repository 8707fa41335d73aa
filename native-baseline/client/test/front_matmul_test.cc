#include "native-baseline/client/front_matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <tuple>
#include <utility>

#include "matmul/codec/text_codec.h"
#include "matmul/test/example.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/front/http_front.h"
#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
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

TEST(FrontMatmulTest, NamesTheWorkerThatTheFrontNames) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()});
  const CountedFront front(proxy);
  EXPECT_EQ(FrontMatmul(front.url()).multiply(kA, kB).worker, to_string(worker.address()));
}

/// Over each transport that a front may reach its workers with, whole and in tiles.
class FrontPhasesTest
    : public ::testing::TestWithParam<std::tuple<const rpc::Transport*, SplitKind>> {};

INSTANTIATE_TEST_SUITE_P(Transports, FrontPhasesTest,
                         ::testing::Combine(::testing::Values(&rpc::tcp_transport(),
                                                              &rpc::text_transport()),
                                            ::testing::Values(SplitKind::none, SplitKind::rows)));

TEST_P(FrontPhasesTest, AddUpToTheTimeThatTheClientWaited) {
  const auto& [transport, split] = GetParam();
  TestWorker one({}, *transport);
  TestWorker two({}, *transport);
  MatmulProxy proxy({one.address(), two.address()}, {.transport = transport, .split = split});
  const CountedFront front(proxy);
  FrontMatmul client(front.url());
  // So large that what the test itself takes is next to nothing.
  const Matrix a = random_matrix<double>({60, 50}, 1);
  const Matrix b = random_matrix<double>({50, 60}, 2);
  for (int i = 0; i < 2; ++i) {
    Stopwatch watch;
    const Product product = client.multiply(a, b);
    const Duration waited = watch.lap();
    EXPECT_EQ(product.matrix, plain_product(a, b));
    EXPECT_LE(product.phases.total(), waited);
    EXPECT_GT(product.phases.total(), waited * 9 / 10);
    for (const Duration phase :
         {product.phases.submit, product.phases.worker.compute, product.phases.collect}) {
      EXPECT_GT(phase, 0ns);
    }
  }
}

/// Says where the time went of what it multiplies, and remembers what it said.
class TellingMatmul : public PlainMatmul {
 public:
  Product multiply(const Matrix& a, const Matrix& b) override {
    Stopwatch watch;
    for (Duration* phase : {&said_.submit, &said_.queue, &said_.dispatch, &said_.worker.decode,
                            &said_.worker.compute, &said_.worker.encode, &said_.return_trip}) {
      PlainMatmul::multiply(a, b);  // takes some time
      *phase = watch.lap();
    }
    Product product = PlainMatmul::multiply(a, b);
    said_.clock_error = 1s;
    said_.collect = watch.lap();
    return {std::move(product.matrix), said_, "w1"};
  }

  const Phases& said() const { return said_; }

 private:
  Phases said_;
};

TEST(FrontMatmulTest, HasThePhasesBetweenFromTheFrontAndTheRestInItsOwn) {
  TellingMatmul matmul;
  const CountedFront front(matmul);
  const Product product = FrontMatmul(front.url()).multiply(kA, kB);
  const Phases& phases = product.phases;
  const Phases& said = matmul.said();
  EXPECT_EQ(product.worker, "w1");
  EXPECT_EQ(phases.queue, said.queue);
  EXPECT_EQ(phases.dispatch, said.dispatch);
  EXPECT_EQ(phases.worker.decode, said.worker.decode);
  EXPECT_EQ(phases.worker.compute, said.worker.compute);
  EXPECT_EQ(phases.worker.encode, said.worker.encode);
  EXPECT_EQ(phases.return_trip, said.return_trip);
  // What the front's Matmul did to send the task and to take the product, and the client's own.
  EXPECT_GE(phases.submit + phases.collect, said.submit + said.collect);
  EXPECT_EQ(phases.clock_error, said.clock_error);
}

/// What a front answers that is none of ours.
Product answered_by_another(const std::string& headers) {
  FakeWorker front([&](Poco::Net::StreamSocket& socket) {
    read_bytes(socket, 1);
    write_all(socket,
              "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: 17\r\n\r\n[[19,22],[43,50]]");
    read_all(socket);
  });
  return FrontMatmul("http://" + to_string(front.address())).multiply(kA, kB);
}

TEST(FrontMatmulTest, OfAFrontThatTellsNothingItHasTheTimeBeforeAndAfter) {
  for (const char* const headers : {"", "Server-Timing: cache;dur=1000\r\n"}) {
    const Product product = answered_by_another(headers);
    EXPECT_THAT(product.worker, StartsWith("http://127.0.0.1:"));
    EXPECT_GT(product.phases.submit, 0ns);
    EXPECT_GT(product.phases.collect, 0ns);
    EXPECT_EQ(product.phases.total(), product.phases.submit + product.phases.collect);
  }
}

TEST(FrontMatmulTest, ATimingThatIsNoneIsNamed) {
  EXPECT_THAT(
      [] { answered_by_another("Server-Timing: compute;dur=soon\r\n"); },
      ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("cannot be read"), HasSubstr("\"soon\""))));
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
