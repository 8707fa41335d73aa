// Who does nothing keeps nobody out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <latch>
#include <list>
#include <string>
#include <thread>

#include "http/server/server.h"
#include "http/websocket/test/websocket_peer.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr int kPlaces = 8;

ServerOptions few_places() {
  return {.max_connections = kPlaces, .log = [](std::string_view) {}};
}

Response empty_answer(Request&) { return {}; }

std::string ask(RawPeer& peer) {
  peer.send("GET / HTTP/1.1\r\n\r\n");
  return status_of(peer.receive_answer());
}

/// Asks on new connections until one is served.
void ask_until_served(Server& server) {
  const auto deadline = std::chrono::steady_clock::now() + 15s;
  for (;;) {
    RawPeer peer(server.port());
    if (ask(peer) == "200") return;
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "newcomers are locked out";
  }
}

TEST(Places, SilentConnectionsLockNobodyOut) {
  Server server({.log = [](std::string_view) {}}, empty_answer);
  std::list<RawPeer> silent;
  for (int i = 0; i < 1'024; ++i) silent.emplace_back(server.port());
  for (int i = 0; i < 3; ++i) {
    RawPeer peer(server.port());
    EXPECT_EQ(ask(peer), "200");
  }
}

TEST(Places, HalfRequestsLockNobodyOut) {
  Server server(few_places(), empty_answer);
  std::list<RawPeer> half;
  for (int i = 0; i < kPlaces; ++i) {
    half.emplace_back(server.port());
    half.back().send("GET / HTTP/1.1\r\nX: ");
  }
  ask_until_served(server);
}

TEST(Places, HalfBodiesLockNobodyOut) {
  Server server(few_places(), empty_answer);
  std::list<RawPeer> half;
  for (int i = 0; i < kPlaces; ++i) {
    half.emplace_back(server.port());
    half.back().send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345");
  }
  ask_until_served(server);
}

TEST(Places, SlowBodiesThatComeOnKeepTheirs) {
  Server server(few_places(), [](Request& request) {
    return Response{.body = std::to_string(request.body.size())};
  });
  std::list<RawPeer> slow;
  for (int i = 0; i < kPlaces; ++i) {
    slow.emplace_back(server.port());
    slow.back().send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 60000\r\n\r\n");
  }
  // The server waits for each body now: a place from which nothing has come is free for others.
  for (RawPeer& peer : slow) EXPECT_EQ(status_of(peer.receive_answer()), "100");
  const std::string part(4'000, 'x');
  // For longer than a body may stand still, at 20 KB/s.
  for (int i = 1; i < 15; ++i) {
    for (RawPeer& peer : slow) peer.send(part);
    RawPeer newcomer(server.port());
    EXPECT_EQ(ask(newcomer), "503");
    std::this_thread::sleep_for(200ms);
  }
  for (RawPeer& peer : slow) peer.send(part);
  for (RawPeer& peer : slow) EXPECT_EQ(body_of(peer.receive_answer()), "60000");
}

bool is_served(RawPeer& peer) {
  try {
    return ask(peer) == "200";
  } catch (const std::exception&) {
    return false;  // the server has ended the connection
  }
}

// Which of them has been idle for longest is decided in choose_victim(), which has a test of its
// own.
TEST(Places, OneOfTheIdleGoesAndTheOthersStay) {
  Server server(few_places(), empty_answer);
  std::list<RawPeer> peers;
  for (int i = 0; i < kPlaces; ++i) EXPECT_EQ(ask(peers.emplace_back(server.port())), "200");
  EXPECT_EQ(ask(peers.front()), "200");
  RawPeer newcomer(server.port());
  EXPECT_EQ(ask(newcomer), "200");
  EXPECT_TRUE(is_served(peers.front())) << "the one that was used last";
  EXPECT_EQ(std::count_if(peers.begin(), peers.end(), is_served), kPlaces - 1);
}

TEST(Places, WhoIsBusyKeepsItsPlace) {
  std::latch begun(kPlaces);
  std::promise<void> end;
  const auto ended = end.get_future().share();
  Server server(few_places(), [&](Request& request) {
    if (request.path == "/wait") {
      begun.count_down();
      ended.wait();
    }
    return Response{};
  });
  std::list<RawPeer> busy;
  for (int i = 0; i < kPlaces; ++i) {
    busy.emplace_back(server.port());
    busy.back().send("GET /wait HTTP/1.1\r\n\r\n");
  }
  begun.wait();
  for (int i = 0; i < 3; ++i) {
    // It sends everything before it reads.
    RawPeer surplus(server.port());
    surplus.send("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
    surplus.end_sending();
    const std::string answer = surplus.receive_all();
    EXPECT_EQ(status_of(answer), "503");
    EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_THAT(body_of(answer), HasSubstr("all 8 connections are taken"));
  }
  end.set_value();
  for (RawPeer& peer : busy) EXPECT_EQ(status_of(peer.receive_answer()), "200");
}

TEST(Places, AWebSocketThatWaitsKeepsItsPlace) {
  Server server(few_places(), [](Request& request) {
    return websocket_answer(request, [](WebSocket& socket) {
      while (socket.await() == WebSocket::Event::message) socket.send({socket.read_rest()});
    });
  });
  std::list<WebSocketPeer> waiting;
  for (int i = 0; i < kPlaces; ++i) waiting.emplace_back(server.port());
  RawPeer surplus(server.port());
  EXPECT_EQ(status_of(surplus.receive_answer()), "503");
  for (WebSocketPeer& peer : waiting) {
    peer.send(binary("here"));
    EXPECT_EQ(peer.receive().payload, "here");
  }
}

TEST(Places, AServerDrainsWhatIsLeftOfThem) {
  Server server(few_places(), empty_answer);
  std::list<RawPeer> silent;
  for (int i = 0; i < 4 * kPlaces; ++i) silent.emplace_back(server.port());
  ask_until_served(server);
  EXPECT_TRUE(server.drain(10s));
}

}  // namespace
}  // namespace enxame::http
