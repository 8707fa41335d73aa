// Clients at WebSockets: the Matmul that is one, and the session that serves it.

#include "coordinator/client/websocket_matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/test/api_server.h"
#include "coordinator/store/test/store_fixture.h"

namespace enxame::coordinator {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using wire::MessageKind;

const Matrix kOne{{1}};

std::string failure_of(Matmul& matmul, const Matrix& a = kOne, const Matrix& b = kOne) {
  try {
    matmul.multiply(a, b);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no failure";
}

TEST(WebSocketMatmul, MultipliesThroughACoordinator) {
  ApiServer server;
  PushWorker worker(server.url(), "w1");
  WebSocketMatmul matmul(server.url());
  for (const std::size_t n : {1u, 2u, 3u, 120u, 600u}) {
    const Matrix a = random_matrix<double>({n, n + 1}, 1);
    const Matrix b = random_matrix<double>({n + 1, n + 2}, 2);
    const auto start = std::chrono::steady_clock::now();
    const Product product = matmul.multiply(a, b);
    const Duration taken = std::chrono::steady_clock::now() - start;
    EXPECT_LE(product.phases.total(), taken);
    // What is left is this test's own: next to nothing of a multiplication that takes long.
    if (n == 600) {
      EXPECT_GT(product.phases.total(), taken * 9 / 10);
    }
    EXPECT_EQ(product.matrix, multiply(a, b, Kernel::naive));
    EXPECT_EQ(product.worker, "w1");
    EXPECT_EQ(product.phases.worker.compute, std::chrono::microseconds(2));
  }
}

TEST(WebSocketMatmul, ServesManyThreadsAtOnceAndKeepsConnections) {
  ApiServer server;
  std::list<PushWorker> workers;
  for (int i = 0; i < 4; ++i) workers.emplace_back(server.url(), "w" + std::to_string(i));
  WebSocketMatmul matmul(server.url());
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    threads.emplace_back([&, seed] {
      for (int i = 0; i < 50; ++i) {
        const Matrix a = random_matrix<double>({5, 5}, seed);
        EXPECT_EQ(matmul.multiply(a, a).matrix, multiply(a, a, Kernel::naive));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.broker().stats().completed, 400u);
}

TEST(WebSocketMatmul, ConnectsAnewWhenAKeptConnectionWasClosed) {
  std::optional<ApiServer> server(std::in_place);
  const std::uint16_t port = server->port();
  WebSocketMatmul matmul(server->url());
  {
    PushWorker worker(server->url(), "w1");
    matmul.multiply(kOne, kOne);
  }
  server.emplace(CoordinatorOptions{.http = {.port = port}});
  PushWorker worker(server->url(), "w1");
  EXPECT_EQ(matmul.multiply(kOne, kOne).matrix, kOne);
}

TEST(WebSocketMatmul, MeetsTheOtherTransportsAtTheSameStore) {
  ApiServer server;
  WebSocketMatmul matmul(server.url());
  std::thread worker([&] {
    const auto claim = server.broker().claim("rest", kLong, still_there);
    server.broker().complete(*claim, "rest", text_product("[[7]]"), {});
  });
  const Product product = matmul.multiply(kOne, kOne);
  worker.join();
  EXPECT_EQ(product.matrix, Matrix{{7}});
  EXPECT_EQ(product.worker, "rest");
}

TEST(WebSocketMatmul, RefusesShapesAndUrlsAtOnce) {
  EXPECT_THROW(WebSocketMatmul("localhost:8080"), std::invalid_argument);
  WebSocketMatmul matmul("http://127.0.0.1:1");
  EXPECT_THROW(matmul.multiply(Matrix{{1, 2}}, Matrix{{1, 2}}), ShapeError);
  EXPECT_THAT(failure_of(matmul), AllOf(HasSubstr("http://127.0.0.1:1"), HasSubstr("refused")));
}

TEST(WebSocketMatmul, GivesUpWhenNobodyComputes) {
  ApiServer server;
  WebSocketMatmul matmul(server.url(), {.timeout = std::chrono::milliseconds(50)});
  EXPECT_THAT(failure_of(matmul), HasSubstr("no product after 50 ms"));
}

TEST(WebSocketMatmul, PassesOnWhyThereIsNoProduct) {
  ApiServer server({.store = {.max_stored_bytes = 10'000}});
  std::thread worker([&] {
    const auto claim = server.broker().claim("w1", kLong, still_there);
    server.broker().fail(*claim, "no memory");
  });
  WebSocketMatmul matmul(server.url());
  EXPECT_THAT(failure_of(matmul), HasSubstr("the task has failed: no memory"));
  worker.join();
  const Matrix large(Shape{40, 40});
  EXPECT_THAT(failure_of(matmul, large, large), HasSubstr("tasks may take together 10000"));
}

TEST(WebSocketMatmul, IsToldThatItsTaskIsTooLarge) {
  ApiServer server({.http = {.max_body_bytes = 10'000}});
  WebSocketMatmul matmul(server.url());
  const Matrix large(Shape{40, 40});
  EXPECT_THAT(failure_of(matmul, large, large), AllOf(HasSubstr("1009"), HasSubstr("10000")));
}

TEST(WebSocketMatmul, IsToldThatNoWorkerMayReturnItsProduct) {
  ApiServer server({.http = {.max_body_bytes = 10'000}});
  WebSocketMatmul matmul(server.url());
  EXPECT_THAT(failure_of(matmul, Matrix(Shape{30, 1}), Matrix(Shape{1, 30})),
              AllOf(HasSubstr("30 × 30"), HasSubstr("--max-body")));
  EXPECT_EQ(server.broker().stats().total, 0u);
}

TEST(ClientSession, RefusesWhatIsNoMultiplicationAndGoesOn) {
  ApiServer server;
  PushPeer client(server.url(), "role=client");
  client.submit(1, Matrix{{1, 2}}, Matrix{{1, 2}});
  auto answer = client.receive();
  EXPECT_EQ(answer.header.kind, wire::MessageKind::refused);
  EXPECT_EQ(answer.header.call_id, 1u);
  EXPECT_THAT(answer.payload, HasSubstr("1 × 2"));
  client.submit(2, kOne, kOne, {3, 2});
  answer = client.receive();
  EXPECT_EQ(answer.header.kind, wire::MessageKind::refused);
  EXPECT_THAT(answer.payload, HasSubstr("split is 3, expected 0 to 2"));
  client.send(wire::MessageKind::submit, 3, std::string(64, '\0') + "no frames");
  answer = client.receive();
  EXPECT_EQ(answer.header.kind, wire::MessageKind::refused);
  PushWorker worker(server.url(), "w1");
  client.submit(4, kOne, kOne);
  EXPECT_EQ(client.receive().header.kind, wire::MessageKind::delivered);
}

TEST(ClientSession, ClosesOnWhatIsNoSubmission) {
  ApiServer server;
  PushPeer wrong_kind(server.url(), "role=client");
  wrong_kind.send(wire::MessageKind::multiply, 1, "x");
  EXPECT_EQ(wrong_kind.receive_close(), 1008);
  PushPeer no_message(server.url(), "role=client");
  no_message.send_raw(std::string(64, 'x'));
  EXPECT_EQ(no_message.receive_close(), 1008);
  PushPeer too_short(server.url(), "role=client");
  too_short.send(wire::MessageKind::submit, 1, "x");
  EXPECT_EQ(too_short.receive_close(), 1008);
}

TEST(ClientSession, ATaskWhoseClientHasGoneIsComputedAllTheSame) {
  ApiServer server({.http = {.ping_interval = std::chrono::milliseconds(20)}});
  {
    PushPeer client(server.url(), "role=client");
    client.submit(1, kOne, kOne);
    eventually([&] { return server.broker().stats().total == 1; });
  }
  PushWorker worker(server.url(), "w1");
  EXPECT_EQ(server.broker().result(1, kLong, still_there).task.state, TaskState::completed);
}

TEST(ClientSession, IsToldThatTheCoordinatorEnds) {
  ApiServer server;
  PushPeer idle(server.url(), "role=client");
  PushPeer waiting(server.url(), "role=client");
  waiting.submit(1, kOne, kOne);
  eventually([&] { return server.broker().stats().total == 1; });
  std::thread draining([&] {
    server.broker().close();
    server.drain_all();
  });
  const auto answer = waiting.receive();
  EXPECT_EQ(answer.header.kind, wire::MessageKind::failed);
  EXPECT_THAT(answer.payload, HasSubstr("shutting down"));
  EXPECT_EQ(waiting.receive_close(), 1001);
  EXPECT_EQ(idle.receive_close(), 1001);
  draining.join();
}

}  // namespace
}  // namespace enxame::coordinator
