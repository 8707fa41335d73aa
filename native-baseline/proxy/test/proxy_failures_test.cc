#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "matmul/test/example.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/rpc/client_connection.h"
#include "native-baseline/rpc/worker_server.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using Poco::Net::StreamSocket;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct BadWorker {
  std::string name;
  std::function<void(StreamSocket&)> behave;
  std::string complaint;
};

void PrintTo(const BadWorker& worker, std::ostream* out) { *out << worker.name; }

/// Answers a request with the bytes that `reply` makes of its call id.
template <typename Reply>
auto answering(Reply reply) {
  return [reply](StreamSocket& socket) {
    while (const std::uint64_t call_id = read_request(socket)) write_all(socket, reply(call_id));
  };
}

std::string with_phases(std::string product, std::uint64_t compute_ns) {
  product.replace(wire::kMessageHeaderBytes + 8, 8,
                  std::string(reinterpret_cast<const char*>(&compute_ns), 8));
  return product;
}

std::string product_of(std::uint64_t call_id, const Matrix& c) {
  return wire::encode_product(call_id, c, {});
}

std::string half_a_product(std::uint64_t call_id) {
  const std::string whole = product_of(call_id, kC);
  return whole.substr(0, whole.size() - 10);
}

const std::vector<BadWorker> kBadWorkers{
    {"Silent", [](auto& socket) { read_all(socket); }, "no answer within 200 ms"},
    {"ClosesAtOnce", [](auto&) {}, "connection"},
    {"ClosesWhenAsked", [](auto& socket) { read_request(socket); }, "connection closed"},
    {"TalksHttp", answering([](auto) { return std::string(200, 'H'); }), "magic is 0x48484848"},
    {"SpeaksUnasked",
     [](auto& socket) {
       write_all(socket, product_of(99, kC));
       read_all(socket);
     },
     "answer to call 99, which was not made"},
    {"AnswersAnotherCall", answering([](auto id) { return product_of(id + 1, kC); }),
     "which was not made"},
    {"AnswersAnotherShape", answering([](auto id) { return product_of(id, Matrix(2, 3)); }),
     "product is 2 × 3, expected 2 × 2"},
    {"AsksBack", answering([](auto id) { return wire::encode_multiply(id, kA, kB); }),
     "kind multiply"},
    {"AnswersHalf", [](auto& socket) { write_all(socket, half_a_product(read_request(socket))); },
     "connection closed after"},
    {"AnswersHalfAndWaits",
     [](auto& socket) {
       write_all(socket, half_a_product(read_request(socket)));
       read_all(socket);
     },
     "no answer within 200 ms"},
    {"AnswersAnotherFrame",
     answering([](auto id) { return wire::encode_product(id, kC, {}).replace(128, 4, "XXXX"); }),
     "frame: magic"},
    {"Boasts",
     answering([](auto id) { return with_phases(product_of(id, kC), 3'600'000'000'000); }),
     "ns of work in a round trip of"},
    {"PromisesTooMuch", answering([](auto id) {
       return product_of(id, kC).replace(16, 8, std::string(7, '\0') + "\x7F");
     }),
     "payload bytes is"},
    {"IsOutOfMemory", answering([](auto id) {
       return wire::encode_error(wire::MessageKind::failed, id, "no memory");
     }),
     "no memory"},
    {"EndsTheConnection",
     answering([](auto) { return wire::encode_error(wire::MessageKind::failed, 0, "too many"); }),
     "worker ended the connection: too many"},
};

class BadWorkerTest : public ::testing::TestWithParam<BadWorker> {
 protected:
  FakeWorker bad{GetParam().behave};
  const ProxyOptions options{.call_timeout = 200ms};
};

TEST_P(BadWorkerTest, IsNamedWithWhatItDid) {
  MatmulProxy proxy({bad.address()}, options);
  EXPECT_THAT([&] { proxy.multiply(kA, kB); },
              ThrowsMessage<WorkersUnavailable>(
                  AllOf(HasSubstr("no worker could multiply 2 × 2 by 2 × 2"),
                        HasSubstr(to_string(bad.address())), HasSubstr(GetParam().complaint))));
}

TEST_P(BadWorkerTest, LosesItsCallToAGoodOne) {
  TestWorker good;
  MatmulProxy proxy({bad.address(), good.address()}, options);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
}

INSTANTIATE_TEST_SUITE_P(All, BadWorkerTest, ::testing::ValuesIn(kBadWorkers),
                         [](const auto& bad) { return bad.param.name; });

TEST(ProxyFailuresTest, WhenAllAreGoneTheErrorNamesEach) {
  const rpc::WorkerAddress first = refusing_address();
  const rpc::WorkerAddress second = refusing_address();
  MatmulProxy proxy({first, second});
  EXPECT_THAT([&] { proxy.multiply(kA, kB); },
              ThrowsMessage<WorkersUnavailable>(
                  AllOf(HasSubstr(to_string(first) + ": Connection refused"),
                        HasSubstr(to_string(second) + ": Connection refused"))));
}

TEST(ProxyFailuresTest, SaysWhetherTimeRanOut) {
  FakeWorker silent([](auto& socket) { read_all(socket); });
  const auto timed_out = [](std::vector<rpc::WorkerAddress> workers) {
    MatmulProxy proxy(std::move(workers), {.call_timeout = 100ms});
    try {
      proxy.multiply(kA, kB);
    } catch (const WorkersUnavailable& error) {
      return error.timed_out();
    }
    ADD_FAILURE() << "no error";
    return false;
  };
  EXPECT_FALSE(timed_out({refusing_address()}));
  EXPECT_TRUE(timed_out({refusing_address(), silent.address()}));
}

TEST(ProxyFailuresTest, AnUnknownHostIsAnErrorLikeAnyOther) {
  MatmulProxy proxy({{"no-such-host.invalid", 7001}});
  EXPECT_THAT([&] { proxy.multiply(kA, kB); },
              ThrowsMessage<WorkersUnavailable>(HasSubstr("no-such-host.invalid:7001: ")));
}

TEST(ProxyFailuresTest, AWorkerThatDiesInTheMiddleOfACallLosesItToAnother) {
  std::promise<void> asked;
  std::promise<void> die;
  FakeWorker dying([&](auto& socket) {
    read_request(socket);
    asked.set_value();
    die.get_future().wait();
  });
  TestWorker other;
  MatmulProxy proxy({dying.address(), other.address()});
  auto call = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  asked.get_future().wait();
  die.set_value();
  const Product product = call.get();
  EXPECT_EQ(product.matrix, kC);
  EXPECT_EQ(product.worker, to_string(other.address()));
}

TEST(ProxyFailuresTest, AllCallsOnAConnectionThatBreaksGoElsewhere) {
  std::promise<void> full;
  FakeWorker dying([&](auto& socket) {
    for (int i = 0; i < 3; ++i) read_request(socket);
    full.set_value();
  });
  HeldMatmul held;
  rpc::WorkerServer other({}, held);
  MatmulProxy proxy({dying.address(), {"127.0.0.1", other.port()}}, {.calls_per_worker = 3});
  std::vector<std::future<Product>> calls;
  for (int i = 0; i < 6; ++i) {  // three for each
    calls.push_back(std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); }));
  }
  full.get_future().wait();
  held.release();
  for (auto& call : calls) EXPECT_EQ(call.get().matrix, kC);
}

TEST(ProxyFailuresTest, AnswersInAnotherOrderReachTheirCallers) {
  FakeWorker reversing([](auto& socket) {
    const std::uint64_t first = read_request(socket);
    const std::uint64_t second = read_request(socket);
    const auto answer = [](std::uint64_t id) {
      return product_of(id, Matrix{{static_cast<double>(id)}});
    };
    write_all(socket, answer(second) + answer(first));
    read_all(socket);
  });
  rpc::ClientConnection connection(
      rpc::Channel::connect(reversing.address(), 10s, wire::kDefaultMaxPayloadBytes));
  const auto call = [&](std::uint64_t id) {
    const wire::OutgoingMessage request = wire::outgoing_multiply(id, kA, kB);
    const wire::Message answer = connection.call(request, net::Clock::now() + 10s);
    return wire::decode_product_matrix(answer.payload.view(), {1, 1})(0, 0);
  };
  auto seventh = std::async(std::launch::async, call, 7);
  EXPECT_EQ(call(8), 8);
  EXPECT_EQ(seventh.get(), 7);
}

}  // namespace
}  // namespace enxame::native
