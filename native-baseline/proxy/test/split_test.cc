#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <set>
#include <thread>

#include "matmul/product_check.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/rpc/channel.h"
#include "native-baseline/rpc/client_connection.h"
#include "native-baseline/test/support.h"
#include "wire/kept_operand.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const Matrix kLeft = random_matrix<double>({13, 9}, 1);
const Matrix kRight = random_matrix<double>({9, 11}, 2);

/// By the definition.
Matrix product_of(const Matrix& a, const Matrix& b) { return PlainMatmul().multiply(a, b).matrix; }

std::vector<rpc::WorkerAddress> addresses(const std::vector<std::unique_ptr<TestWorker>>& workers) {
  std::vector<rpc::WorkerAddress> addresses;
  for (const auto& worker : workers) addresses.push_back(worker->address());
  return addresses;
}

std::vector<std::unique_ptr<TestWorker>> start(std::size_t count) {
  std::vector<std::unique_ptr<TestWorker>> workers;
  for (std::size_t i = 0; i < count; ++i) workers.push_back(std::make_unique<TestWorker>());
  return workers;
}

TEST(SplitProxyTest, PhasesAddUpToTheTimeThatTheCallerWaited) {
  const auto workers = start(2);
  MatmulProxy proxy(addresses(workers), {.split = SplitKind::rows});
  // So large that what the test itself takes is next to nothing.
  const Matrix a = random_matrix<double>({500, 400}, 3);
  const Matrix b = random_matrix<double>({400, 400}, 4);
  for (int i = 0; i < 2; ++i) {
    Stopwatch watch;
    const Product product = proxy.multiply(a, b);
    const Duration waited = watch.lap();
    EXPECT_LE(product.phases.total(), waited);
    EXPECT_GT(product.phases.total(), waited * 9 / 10);
    EXPECT_GT(product.phases.worker.compute, 0ns);
  }
}

TEST(SplitProxyTest, WaitsForATileThatIsSlow) {
  HeldMatmul held;
  const auto slow = rpc::tcp_transport().serve({}, held);
  const auto quick = start(1);
  MatmulProxy proxy({{"127.0.0.1", slow->port()}, quick[0]->address()}, {.split = SplitKind::rows});
  auto product = std::async(std::launch::async, [&] { return proxy.multiply(kLeft, kRight); });
  held.wait_begun(1);
  held.release();
  EXPECT_EQ(product.get().matrix, product_of(kLeft, kRight));
}

TEST(SplitProxyTest, TilesOfAWorkerThatIsGoneGoToAnother) {
  const auto workers = start(1);
  FakeWorker gone([](auto& socket) { read_bytes(socket, 1); });  // takes a tile and hangs up
  MatmulProxy proxy({gone.address(), workers[0]->address()}, {.split = SplitKind::rows});
  const Product product = proxy.multiply(kLeft, kRight);
  EXPECT_EQ(product.matrix, product_of(kLeft, kRight));
  EXPECT_EQ(product.worker, to_string(workers[0]->address()));
}

TEST(SplitProxyTest, AWorkerThatEndsInTheMiddleOfATileIsReplaced) {
  HeldMatmul held;
  auto dying = rpc::tcp_transport().serve({}, held);
  const auto workers = start(1);
  MatmulProxy proxy({{"127.0.0.1", dying->port()}, workers[0]->address()},
                    {.split = SplitKind::grid});
  auto product = std::async(std::launch::async, [&] { return proxy.multiply(kLeft, kRight); });
  held.wait_begun(1);
  dying->drain(0ms);
  EXPECT_EQ(product.get().matrix, product_of(kLeft, kRight));
  held.release();
}

TEST(SplitProxyTest, FailsWhenNobodyCanComputeATile) {
  MatmulProxy proxy({refusing_address(), {"127.0.0.2", refusing_address().port}},
                    {.split = SplitKind::rows});
  EXPECT_THROW(proxy.multiply(kLeft, kRight), WorkersUnavailable);
}

TEST(SplitProxyTest, ATileThatIsRefusedFailsTheMultiplication) {
  const rpc::WorkerServerOptions narrow{.max_payload_bytes = 1'000};
  std::vector<std::unique_ptr<TestWorker>> workers;
  for (int i = 0; i < 2; ++i) workers.push_back(std::make_unique<TestWorker>(narrow));
  MatmulProxy proxy(addresses(workers), {.split = SplitKind::rows});
  const Matrix column = random_matrix<double>({16, 1}, 1);
  const Matrix row = random_matrix<double>({1, 16}, 2);  // whose product is larger
  EXPECT_THROW(proxy.multiply(column, row), TaskRefused);
}

TEST(SplitProxyTest, ManyCallersSplitAtOnce) {
  const auto workers = start(3);
  MatmulProxy proxy(addresses(workers), {.split = SplitKind::grid});
  std::vector<std::thread> callers;
  for (std::uint64_t i = 0; i < 8; ++i) {
    callers.emplace_back([&, i] {
      for (std::uint64_t j = 0; j < 5; ++j) {
        const Matrix a = random_matrix<double>({10, 8}, i);
        const Matrix b = random_matrix<double>({8, 10}, j);
        EXPECT_EQ(proxy.multiply(a, b).matrix, product_of(a, b));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

/// A worker that counts what it is sent, by kind, and computes everything.
class CountingWorker {
 public:
  explicit CountingWorker(std::size_t room = wire::OperandCache::kDefaultMaxBytes)
      : cache_(room), worker_([this](auto& socket) { serve(socket); }) {}

  rpc::WorkerAddress address() const { return worker_.address(); }
  int count(wire::MessageKind kind) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(kinds_.count(kind));
  }
  void forget() { cache_.forget(1); }

 private:
  void serve(Poco::Net::StreamSocket& socket) {
    rpc::Channel channel(net::Stream(socket), wire::kDefaultMaxPayloadBytes);
    wire::Message request;
    while (channel.receive(request, net::kNever)) {
      {
        const std::lock_guard lock(mutex_);
        kinds_.insert(request.header.kind);
      }
      const auto answer = [&](MatrixView a, MatrixView b) {
        Matrix c(a.rows(), b.cols());
        PlainMatmul().multiply(a, b, c.data());
        channel.send(wire::encode_product(request.header.call_id, c, {}),
                     net::Deadline(net::kNever));
      };
      if (request.header.kind == wire::MessageKind::operand) {
        wire::keep_operand(cache_, 1, std::move(request.payload));
      } else if (request.header.kind == wire::MessageKind::multiply_kept) {
        const auto task = wire::find_kept(cache_, 1, request.payload.view());
        if (task.b) {
          answer(task.a, task.b->operand.matrix);
        } else {
          channel.send(wire::encode_missing(request.header.call_id, task.digest),
                       net::Deadline(net::kNever));
        }
      } else {
        const auto factors = wire::view_multiply(request.payload.view());
        answer(factors.a, factors.b);
      }
    }
  }

  mutable std::mutex mutex_;
  std::multiset<wire::MessageKind> kinds_;
  wire::OperandCache cache_;
  FakeWorker worker_;
};

using wire::MessageKind;

TEST(SplitOperandsTest, GoToAWorkerOnceAndAreRecognisedLater) {
  CountingWorker one;
  CountingWorker two;
  MatmulProxy proxy({one.address(), two.address()}, {.split = SplitKind::rows});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(proxy.multiply(kLeft, kRight).matrix, product_of(kLeft, kRight));
  }
  EXPECT_LE(one.count(wire::MessageKind::operand), 1);
  EXPECT_LE(two.count(wire::MessageKind::operand), 1);
  EXPECT_EQ(
      one.count(wire::MessageKind::multiply_kept) + two.count(wire::MessageKind::multiply_kept), 6);
  EXPECT_EQ(one.count(wire::MessageKind::multiply) + two.count(wire::MessageKind::multiply), 0);
}

TEST(SplitOperandsTest, OfALaterSplitAreSentAnewWhereThatIsMeasured) {
  CountingWorker one;
  CountingWorker two;
  MatmulProxy proxy({one.address(), two.address()},
                    {.split = SplitKind::rows, .reuse_operands = false});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(proxy.multiply(kLeft, kRight).matrix, product_of(kLeft, kRight));
  }
  const int operands =
      one.count(wire::MessageKind::operand) + two.count(wire::MessageKind::operand);
  EXPECT_GE(operands, 3);
  EXPECT_LE(operands, 6);
}

TEST(SplitOperandsTest, ThatWereForgottenAreSentAgain) {
  CountingWorker one;
  CountingWorker two;
  MatmulProxy proxy({one.address(), two.address()}, {.split = SplitKind::rows});
  proxy.multiply(kLeft, kRight);
  one.forget();
  two.forget();
  EXPECT_EQ(proxy.multiply(kLeft, kRight).matrix, product_of(kLeft, kRight));
  EXPECT_EQ(one.count(wire::MessageKind::multiply) + two.count(wire::MessageKind::multiply), 0);
}

TEST(SplitOperandsTest, WithoutRoomForThemTasksGoWhole) {
  CountingWorker one(1);
  CountingWorker two(1);
  MatmulProxy proxy({one.address(), two.address()}, {.split = SplitKind::rows});
  EXPECT_EQ(proxy.multiply(kLeft, kRight).matrix, product_of(kLeft, kRight));
  EXPECT_EQ(one.count(wire::MessageKind::multiply) + two.count(wire::MessageKind::multiply), 2);
}

TEST(WorkerServerOperandsTest, BelongToTheConnectionThatBroughtThem) {
  TestWorker worker;
  const auto deadline = [] { return net::Clock::now() + 10s; };
  const auto connect = [&] {
    return rpc::Channel::connect(worker.address(), 10s, wire::kDefaultMaxPayloadBytes);
  };
  const wire::Digest name{{7}};
  rpc::ClientConnection mine(connect());
  rpc::ClientConnection other(connect());
  const auto asked = wire::outgoing_multiply_kept(2, name, kLeft);
  EXPECT_EQ(mine.call(wire::outgoing_with_operand(1, name, kLeft, kRight), deadline()).header.kind,
            wire::MessageKind::product);
  const wire::Message again = mine.call(asked, deadline());
  EXPECT_EQ(wire::decode_product_matrix(again.payload.view(), {13, 11}), product_of(kLeft, kRight));
  const wire::Message missing = other.call(asked, deadline());
  EXPECT_EQ(missing.header.kind, wire::MessageKind::missing);
  EXPECT_EQ(wire::decode_missing(missing.payload.view()), name);
}

TEST(WorkerServerOperandsTest, ThatAreNoneEndTheConnection) {
  TestWorker worker;
  auto socket = connect_to(worker.address().port);
  std::string broken = wire::outgoing_operand(1, wire::Digest{}, kRight).joined();
  broken[wire::kMessageHeaderBytes + 64] = 'X';  // the frame's magic
  write_all(socket, broken);
  EXPECT_THAT(read_all(socket), HasSubstr("magic"));
}

TEST(WorkerServerOperandsTest, OfAWrongShapeAreRefusedWithTheTask) {
  TestWorker worker;
  rpc::ClientConnection connection(
      rpc::Channel::connect(worker.address(), 10s, wire::kDefaultMaxPayloadBytes));
  const wire::Message answer = connection.call(
      wire::outgoing_with_operand(1, wire::Digest{}, kRight, kRight), net::Clock::now() + 10s);
  EXPECT_EQ(answer.header.kind, wire::MessageKind::refused);
}

}  // namespace
}  // namespace enxame::native
