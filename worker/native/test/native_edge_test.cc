#include "worker/native/native_edge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/server/server.h"

namespace enxame::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

http::Origin origin(const http::Server& server) {
  return http::Origin::parse("http://127.0.0.1:" + std::to_string(server.port()));
}

/// Nobody listens there.
const http::Origin kNobody{"127.0.0.1", 1};

HttpRequest post(std::string_view body) {
  return {.method = "POST",
          .target = "/echo?x=1",
          .headers = {{"Content-Type", "text/plain"}},
          .body = body,
          .timeout = 10s};
}

TEST(NativeEdgeTest, AnswersRequestsOneAfterTheOther) {
  http::Server server({}, [](http::Request& request) {
    http::Response response;
    response.body = request.body + "?x=" + std::string(request.parameter("x").value());
    response.headers.emplace_back("X-Type", request.header("Content-Type"));
    return response;
  });
  NativeEdge edge(origin(server), [] {});
  std::vector<std::string> answers;
  edge.send(post("first"), [&](const HttpAnswer& answer) {
    answers.emplace_back(answer.body);
    edge.send(post("second"), [&](const HttpAnswer& next) {
      answers.emplace_back(next.body);
      answers.emplace_back(next.header("x-type"));
    });
  });
  EXPECT_THAT(answers, ElementsAre()) << "nothing from within the call";
  edge.run();
  EXPECT_THAT(answers, ElementsAre("first?x=1", "second?x=1", "text/plain"));
}

TEST(NativeEdgeTest, SaysWhyThereIsNoAnswer) {
  NativeEdge edge(kNobody, [] {});
  std::string why;
  edge.send(post(""), [&](const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 0);
    why = answer.body;
  });
  edge.run();
  EXPECT_THAT(why, HasSubstr("http://127.0.0.1:1: POST /echo?x=1: cannot connect"));
}

TEST(NativeEdgeTest, FiresTimersWhenTheyAreDue) {
  NativeEdge edge(kNobody, [] {});
  std::vector<int> fired;
  const Duration began = edge.now();
  edge.after(20ms, [&] { fired.push_back(20); });
  edge.after(1ms, [&] {
    fired.push_back(1);
    edge.after(0ms, [&] { fired.push_back(0); });
  });
  edge.run();
  EXPECT_THAT(fired, ElementsAre(1, 0, 20));
  EXPECT_GE(edge.now() - began, 20ms);
}

class Listener : public WebSocketListener {
 public:
  void opened() override { FAIL() << "nobody listens there"; }
  void received(std::string_view) override {}
  void closed(std::string_view said) override { why = said; }
  std::string why;
};

TEST(NativeEdgeTest, SaysWhyThereIsNoWebSocket) {
  NativeEdge edge(kNobody, [] {});
  Listener listener;
  const auto socket = edge.open("/ws", listener);
  EXPECT_EQ(listener.why, "") << "nothing from within the call";
  edge.run();
  EXPECT_THAT(listener.why, HasSubstr("http://127.0.0.1:1: WebSocket /ws: cannot connect"));
}

TEST(NativeEdgeTest, HearsNothingOfASocketThatItClosed) {
  NativeEdge edge(kNobody, [] {});
  Listener listener;
  edge.open("/ws", listener).reset();
  edge.run();
  EXPECT_EQ(listener.why, "");
}

TEST(NativeEdgeTest, StopEndsTheWaitForATimer) {
  NativeEdge edge(kNobody, [] {});
  int fired = 0;
  edge.after(1h, [&] {
    ++fired;
    edge.after(0ms, [] { FAIL() << "it was stopped"; });
  });
  std::thread loop([&] { edge.run(); });
  EXPECT_TRUE(edge.stop(10s));
  loop.join();
  EXPECT_EQ(fired, 1) << "what was held is done at once";
}

TEST(NativeEdgeTest, StopDoesNotWaitForAnAnswer) {
  std::mutex asked;
  asked.lock();
  http::Server server({}, [&](http::Request&) {
    const std::lock_guard until_the_end_of_the_test(asked);
    return http::Response();
  });
  NativeEdge edge(origin(server), [] {});
  edge.send(post("x"), [](const HttpAnswer&) {});
  std::thread loop([&] { edge.run(); });
  EXPECT_FALSE(edge.stop(10s));
  asked.unlock();
  loop.join();
}

}  // namespace
}  // namespace enxame::worker
