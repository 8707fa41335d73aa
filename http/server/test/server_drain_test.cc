#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr milliseconds kPatience{10'000};

TEST(ServerDrain, EndsIdleConnectionsAndRefusesNewOnes) {
  Server server({}, [](Request&) { return Response{}; });
  const std::uint16_t port = server.port();
  RawPeer fresh(port);
  RawPeer used(port);
  used.send("GET / HTTP/1.1\r\n\r\n");
  used.receive_answer();
  EXPECT_TRUE(server.drain(kPatience));
  EXPECT_TRUE(used.ends());
  EXPECT_THROW(RawPeer{port}, Poco::Exception);
  EXPECT_TRUE(server.drain(kPatience));
}

TEST(ServerDrain, LetsARequestInFlightFinish) {
  std::promise<void> started;
  std::promise<void> finish;
  Server server({}, [&](Request&) {
    started.set_value();
    finish.get_future().wait();
    return Response{.body = "done"};
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  started.get_future().wait();
  auto drained = std::async(std::launch::async, [&] { return server.drain(kPatience); });
  EXPECT_EQ(drained.wait_for(milliseconds(50)), std::future_status::timeout);
  finish.set_value();
  const std::string answer = peer.receive_all();
  EXPECT_EQ(body_of(answer), "done");
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  peer.close();
  EXPECT_TRUE(drained.get());
}

TEST(ServerDrain, LosesPatienceWithAPeerThatDoesNotFinish) {
  Server server({}, [](Request&) { return Response{}; });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  peer.receive_answer();
  // The invitation shows that the server has begun to read the request.
  peer.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(status_of(peer.receive_answer()), "100");
  EXPECT_FALSE(server.drain(milliseconds(50)));
}

/// Clients send while the server goes away: each request is either answered or its connection ended
/// before any byte of an answer.
TEST(ServerDrain, NeverCutsAnAnswerShort) {
  for (int round = 0; round < 20; ++round) {
    Server server({}, [](Request&) { return Response{.body = std::string(10'000, 'x')}; });
    std::vector<std::thread> clients;
    std::atomic<int> answered = 0;
    std::atomic<int> cut_short = 0;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&] {
        try {
          RawPeer peer(server.port());
          for (;;) {
            peer.send("GET / HTTP/1.1\r\n\r\n");
            peer.receive_answer();
            ++answered;
          }
        } catch (const std::runtime_error& error) {
          if (error.what() != std::string("the connection ended after \"\"")) ++cut_short;
        } catch (const Poco::Exception&) {
          // Sent on a connection that had just ended.
        }
      });
    }
    while (answered < 20) std::this_thread::yield();
    EXPECT_TRUE(server.drain(kPatience));
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(cut_short, 0);
  }
}

}  // namespace
}  // namespace enxame::http
