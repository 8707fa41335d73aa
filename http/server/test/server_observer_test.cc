#include "http/server/server_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

/// Writes down what it is told.
class Notebook : public ServerObserver {
 public:
  void opened() noexcept override {
    note([this] { ++opened_; });
  }
  void turned_away() noexcept override {
    note([this] { ++turned_away_; });
  }
  void closed() noexcept override {
    note([this] { ++closed_; });
  }
  void answered(const Exchange& exchange) noexcept override {
    note([&] { exchanges_.push_back(exchange); });
  }

  template <typename Condition>
  void wait_until(Condition condition) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), condition)) << "never told";
  }

  std::vector<Exchange> exchanges_;
  int opened_ = 0;
  int turned_away_ = 0;
  int closed_ = 0;

 private:
  template <typename Change>
  void note(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
};

Response answer(Request& request) {
  if (request.path == "/known") request.route = "/known";
  if (request.path == "/wrong") {
    request.route = "/wrong";
    throw Error(409, "not now");
  }
  return {.body = "12345"};
}

class ServerObserverTest : public ::testing::Test {
 protected:
  std::string ask(std::string_view request) {
    peer_.send(request);
    return peer_.receive_answer();
  }
  Exchange exchange(std::size_t number) {
    notebook_.wait_until([&] { return notebook_.exchanges_.size() > number; });
    return notebook_.exchanges_.at(number);
  }

  Notebook notebook_;
  Server server_{ServerOptions{.max_connections = 1, .observer = &notebook_}, answer};
  RawPeer peer_{server_.port()};
};

TEST_F(ServerObserverTest, HearsOfAnAnswerWithItsRouteAndSizes) {
  const std::string request = "POST /known HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
  const std::string reply = ask(request);
  const Exchange heard = exchange(0);
  EXPECT_EQ(heard.route, "/known");
  EXPECT_EQ(heard.status, 200);
  EXPECT_EQ(heard.received_bytes, request.size());
  EXPECT_EQ(heard.sent_bytes, reply.size());
  EXPECT_GT(heard.duration.count(), 0);
}

TEST_F(ServerObserverTest, HearsTheRouteOfWhatTheHandlerThrew) {
  ask("GET /wrong HTTP/1.1\r\n\r\n");
  EXPECT_EQ(exchange(0).route, "/wrong");
  EXPECT_EQ(exchange(0).status, 409);
}

TEST_F(ServerObserverTest, ARouteIsNotCarriedOverToTheNextRequest) {
  ask("GET /known HTTP/1.1\r\n\r\n");
  ask("GET /other HTTP/1.1\r\n\r\n");
  EXPECT_EQ(exchange(1).route, "");
}

TEST_F(ServerObserverTest, HearsOfWhatNeverReachedTheHandler) {
  ask("GET / HTTP/9\r\n\r\n");
  EXPECT_EQ(exchange(0).status, 400);
  EXPECT_EQ(exchange(0).route, "");
}

TEST(ServerObserverOfConnections, CountsThem) {
  Notebook notebook;
  std::promise<void> begun;
  std::promise<void> end;
  Server server({.max_connections = 1, .observer = &notebook, .log = [](std::string_view) {}},
                [&](Request&) {
                  begun.set_value();
                  end.get_future().wait();
                  return Response{};
                });
  RawPeer busy(server.port());
  busy.send("GET / HTTP/1.1\r\n\r\n");
  begun.get_future().wait();
  RawPeer surplus(server.port());
  surplus.receive_all();
  end.set_value();
  busy.receive_answer();
  busy.close();
  // Each is told by a thread of its own, after its peer has seen the answer.
  notebook.wait_until(
      [&] { return notebook.opened_ == 1 && notebook.turned_away_ == 1 && notebook.closed_ == 1; });
}

}  // namespace
}  // namespace enxame::http
