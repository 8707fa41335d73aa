// What bodies, messages and answers on their way may take together.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <list>
#include <new>
#include <string>

#include "http/server/server.h"
#include "http/websocket/test/websocket_peer.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_handshake.h"
#include "testing/sanitized.h"

namespace enxame::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::size_t kMiB = std::size_t{1} << 20;

ServerOptions bounded(std::size_t bytes) {
  return {.max_in_flight_bytes = bytes, .log = [](std::string_view) {}};
}

Response size_in_flight(Request& request) { return {.body = std::to_string(request.body.size())}; }

std::string post(std::size_t announced, std::size_t sent) {
  return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n" +
         std::string(sent, 'x');
}

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

TEST(InFlight, UnfinishedBodiesAreBoundedTogetherAndLockNobodyOut) {
  Server server(bounded(8 * kMiB), size_in_flight);
  const std::string part = post(8 * kMiB, 4 * kMiB);
  const std::size_t before = resident_bytes();
  std::list<RawPeer> unfinished;
  std::list<std::future<void>> sending;
  for (int i = 0; i < 24; ++i) {
    unfinished.emplace_back(server.port());
    sending.push_back(std::async(std::launch::async, [&, peer = &unfinished.back()] {
      try {
        peer->send(part);
      } catch (const Poco::Exception&) {
        // Refused while it was still sending.
      }
    }));
  }
  const auto deadline = std::chrono::steady_clock::now() + 15s;
  for (std::string status; status != "200";) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "honest bodies are locked out";
    RawPeer honest(server.port());
    honest.send(post(2 * kMiB, 2 * kMiB));
    status = status_of(honest.receive_answer());
  }
  for (auto& each : sending) each.get();
  if (!enxame::testing::kIsSanitized) {
    EXPECT_LT(resident_bytes() - before, 48 * kMiB);
  }
}

TEST(InFlight, AStalledBodyGivesWay) {
  Server server(bounded(600'000), size_in_flight);
  RawPeer stalled(server.port());
  stalled.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 500000\r\n\r\n");
  // It is invited when it has its room.
  EXPECT_EQ(status_of(stalled.receive_answer()), "100");
  RawPeer honest(server.port());
  honest.send(post(500'000, 500'000));
  EXPECT_EQ(body_of(honest.receive_answer()), "500000");
  const std::string answer = stalled.receive_answer();
  EXPECT_EQ(status_of(answer), "503");
  EXPECT_THAT(answer, HasSubstr("Retry-After"));
}

TEST(InFlight, ASlowBodyThatComesOnDoesNot) {
  // More slowly than it takes room.
  Server server(bounded(600'000), size_in_flight);
  RawPeer slow(server.port());
  slow.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 500000\r\n\r\n");
  EXPECT_EQ(status_of(slow.receive_answer()), "100");
  RawPeer other(server.port());
  auto refused = std::async(std::launch::async, [&] {
    other.send(post(500'000, 0));
    return status_of(other.receive_answer());
  });
  std::size_t left = 500'000;
  do {
    slow.send(std::string(20'000, 'x'));
    left -= 20'000;
  } while (refused.wait_for(200ms) == std::future_status::timeout);
  slow.send(std::string(left, 'x'));
  EXPECT_EQ(body_of(slow.receive_answer()), "500000");
  EXPECT_EQ(refused.get(), "503");
}

TEST(InFlight, NoBodyMayBeLargerThanAllTogether) {
  Server server(bounded(kMiB), size_in_flight);
  RawPeer peer(server.port());
  peer.send(post(kMiB + 1, 0));
  EXPECT_EQ(status_of(peer.receive_answer()), "413");
  RawPeer largest(server.port());
  largest.send(post(kMiB, kMiB));
  EXPECT_EQ(status_of(largest.receive_answer()), "200");
}

TEST(InFlight, ABodyCountsUntilItsHandlerReturns) {
  std::promise<void> begun;
  std::promise<void> end;
  Server server(bounded(2 * kMiB), [&](Request& request) {
    if (request.path == "/held") {
      begun.set_value();
      end.get_future().wait();
    }
    return size_in_flight(request);
  });
  RawPeer held(server.port());
  held.send("POST /held HTTP/1.1\r\nContent-Length: 2097152\r\n\r\n" + std::string(2 * kMiB, 'x'));
  begun.get_future().wait();
  RawPeer second(server.port());
  second.send(post(kMiB, 0));
  const std::string answer = second.receive_answer();
  EXPECT_EQ(status_of(answer), "503");
  EXPECT_THAT(body_of(answer), HasSubstr("--max-in-flight"));
  end.set_value();
  EXPECT_EQ(status_of(held.receive_answer()), "200");
  RawPeer third(server.port());
  third.send(post(2 * kMiB, 2 * kMiB));
  EXPECT_EQ(status_of(third.receive_answer()), "200");
}

TEST(InFlight, MemoryThatAnIdleConnectionKeepsGoesToWhoNeedsIt) {
  Server server(bounded(2 * kMiB), size_in_flight);
  RawPeer idle(server.port());
  for (int i = 0; i < 2; ++i) {
    idle.send(post(2 * kMiB, 2 * kMiB));
    EXPECT_EQ(status_of(idle.receive_answer()), "200");
  }
  RawPeer other(server.port());
  other.send(post(2 * kMiB, 2 * kMiB));
  EXPECT_EQ(status_of(other.receive_answer()), "200");
  EXPECT_TRUE(idle.ends());
}

TEST(InFlight, AWebSocketHasNoMemoryThatItsConnectionKept) {
  Server server(bounded(2 * kMiB), [](Request& request) {
    if (request.method == "POST") return size_in_flight(request);
    return websocket_answer(request, [](WebSocket& socket) {
      while (socket.await() == WebSocket::Event::message) socket.send({socket.read_rest()});
    });
  });
  RawPeer peer(server.port());
  peer.send(post(2 * kMiB, 2 * kMiB));
  EXPECT_EQ(status_of(peer.receive_answer()), "200");
  WebSocketPeer socket(std::move(peer), "/");
  RawPeer other(server.port());
  other.send(post(2 * kMiB, 2 * kMiB));
  EXPECT_EQ(status_of(other.receive_answer()), "200");
  socket.send(binary("still here"));
  EXPECT_EQ(socket.receive().payload, "still here");
}

TEST(InFlight, ABodyThatWasHandedOverDoesNotCount) {
  std::promise<void> begun;
  std::promise<void> end;
  Server server(bounded(2 * kMiB), [&](Request& request) {
    if (request.path == "/held") {
      const std::string elsewhere = std::move(request.body);
      request.hand_over_body();
      begun.set_value();
      end.get_future().wait();
    }
    return size_in_flight(request);
  });
  RawPeer held(server.port());
  held.send("POST /held HTTP/1.1\r\nContent-Length: 2097152\r\n\r\n" + std::string(2 * kMiB, 'x'));
  begun.get_future().wait();
  RawPeer second(server.port());
  second.send(post(2 * kMiB, 2 * kMiB));
  EXPECT_EQ(status_of(second.receive_answer()), "200");
  end.set_value();
  EXPECT_EQ(status_of(held.receive_answer()), "200");
}

TEST(InFlight, AMessageBeyondTheBoundIsToldToComeLater) {
  std::promise<void> begun;
  std::promise<void> end;
  const auto ended = end.get_future().share();
  Server server(bounded(2 * kMiB), [&](Request& request) {
    return websocket_answer(request, [&, first = request.path == "/first"](WebSocket& socket) {
      socket.await();
      const std::string message = socket.read_rest();
      if (!first) return;
      begun.set_value();
      ended.wait();
    });
  });
  WebSocketPeer first(server.port(), "/first");
  first.send(binary(std::string(2 * kMiB, 'x')));
  begun.get_future().wait();
  WebSocketPeer second(server.port());
  second.send(binary(std::string(kMiB, 'x')));
  EXPECT_EQ(second.receive_close(), 1013);
  end.set_value();
  EXPECT_EQ(first.receive_close(), 1000);
}

TEST(InFlight, AMessageCountsNoLongerOnceTheNextOneIsAwaited) {
  Server server(bounded(2 * kMiB), [&](Request& request) {
    return websocket_answer(request, [](WebSocket& socket) {
      while (socket.await() == WebSocket::Event::message) {
        socket.send({std::to_string(socket.read_rest().size())});
      }
    });
  });
  WebSocketPeer one(server.port());
  WebSocketPeer other(server.port());
  for (int i = 0; i < 3; ++i) {
    for (WebSocketPeer* peer : {&one, &other}) {
      peer->send(binary(std::string(2 * kMiB, 'x')));
      EXPECT_EQ(peer->receive().payload, std::to_string(2 * kMiB));
    }
  }
}

TEST(InFlight, AnswersThatNobodyReadsAreBounded) {
  Server server(bounded(32 * kMiB),
                [&](Request&) { return Response{.body = std::string(20 * kMiB, 'x')}; });
  RawPeer slow(server.port());
  slow.send("GET / HTTP/1.1\r\n\r\n");
  slow.receive_bytes(1);
  RawPeer second(server.port());
  second.send("GET / HTTP/1.1\r\n\r\n");
  const std::string answer = second.receive_answer();
  EXPECT_EQ(status_of(answer), "503");
  EXPECT_THAT(answer, HasSubstr("Retry-After"));
  EXPECT_EQ(slow.receive_answer().size() > 20 * kMiB - 1, true);
  second.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_of(second.receive_answer()), "200");
}

TEST(InFlight, AHandlerWithoutMemoryIsWorthTryingAgain) {
  Server server(bounded(kMiB), [](Request&) -> Response { throw std::bad_alloc(); });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  const std::string answer = peer.receive_answer();
  EXPECT_EQ(status_of(answer), "503");
  EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
}

}  // namespace
}  // namespace enxame::http
