#include "worker/native/native_host.h"

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

TEST(NativeHostTest, AnswersRequestsOneAfterTheOther) {
  http::Server server({}, [](http::Request& request) {
    http::Response response;
    response.body = request.body + "?x=" + std::string(request.parameter("x").value());
    response.headers.emplace_back("X-Type", request.header("Content-Type"));
    return response;
  });
  NativeHost host(origin(server), [] {});
  std::vector<std::string> answers;
  host.send(post("first"), [&](const HttpAnswer& answer) {
    answers.emplace_back(answer.body);
    host.send(post("second"), [&](const HttpAnswer& next) {
      answers.emplace_back(next.body);
      answers.emplace_back(next.header("x-type"));
    });
  });
  EXPECT_THAT(answers, ElementsAre()) << "nothing from within the call";
  host.run();
  EXPECT_THAT(answers, ElementsAre("first?x=1", "second?x=1", "text/plain"));
}

TEST(NativeHostTest, SaysWhyThereIsNoAnswer) {
  NativeHost host(kNobody, [] {});
  std::string why;
  host.send(post(""), [&](const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 0);
    why = answer.body;
  });
  host.run();
  EXPECT_THAT(why, HasSubstr("http://127.0.0.1:1: POST /echo?x=1: cannot connect"));
}

TEST(NativeHostTest, FiresTimersWhenTheyAreDue) {
  NativeHost host(kNobody, [] {});
  std::vector<int> fired;
  const Duration began = host.now();
  host.after(20ms, [&] { fired.push_back(20); });
  host.after(1ms, [&] {
    fired.push_back(1);
    host.after(0ms, [&] { fired.push_back(0); });
  });
  host.run();
  EXPECT_THAT(fired, ElementsAre(1, 0, 20));
  EXPECT_GE(host.now() - began, 20ms);
}

class Listener : public WebSocketListener {
 public:
  void opened() override { FAIL() << "nobody listens there"; }
  void received(std::string_view) override {}
  void closed(std::string_view said) override { why = said; }
  std::string why;
};

TEST(NativeHostTest, SaysWhyThereIsNoWebSocket) {
  NativeHost host(kNobody, [] {});
  Listener listener;
  const auto socket = host.open("/ws", listener);
  EXPECT_EQ(listener.why, "") << "nothing from within the call";
  host.run();
  EXPECT_THAT(listener.why, HasSubstr("http://127.0.0.1:1: WebSocket /ws: cannot connect"));
}

TEST(NativeHostTest, HearsNothingOfASocketThatItClosed) {
  NativeHost host(kNobody, [] {});
  Listener listener;
  host.open("/ws", listener).reset();
  host.run();
  EXPECT_EQ(listener.why, "");
}

TEST(NativeHostTest, StopEndsTheWaitForATimer) {
  NativeHost host(kNobody, [] {});
  int fired = 0;
  host.after(1h, [&] {
    ++fired;
    host.after(0ms, [] { FAIL() << "it was stopped"; });
  });
  std::thread loop([&] { host.run(); });
  EXPECT_TRUE(host.stop(10s));
  loop.join();
  EXPECT_EQ(fired, 1) << "what was held is done at once";
}

TEST(NativeHostTest, StopDoesNotWaitForAnAnswer) {
  std::mutex asked;
  asked.lock();
  http::Server server({}, [&](http::Request&) {
    const std::lock_guard until_the_end_of_the_test(asked);
    return http::Response();
  });
  NativeHost host(origin(server), [] {});
  host.send(post("x"), [](const HttpAnswer&) {});
  std::thread loop([&] { host.run(); });
  EXPECT_FALSE(host.stop(10s));
  asked.unlock();
  loop.join();
}

}  // namespace
}  // namespace enxame::worker
