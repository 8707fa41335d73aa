// A WebSocket of the server, spoken to in bytes.

#include "http/websocket/websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

#include "http/server/server.h"
#include "http/websocket/test/websocket_peer.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// Answers every message with itself.
void echo_messages(WebSocket& socket) {
  while (socket.await() == WebSocket::Event::message) {
    const std::string message = socket.read_rest();
    socket.send({message});
  }
}

class EchoTest : public ::testing::Test {
 protected:
  Server server_{{}, [](Request& request) { return websocket_answer(request, echo_messages); }};
  WebSocketPeer peer_{server_.port()};
};

TEST_F(EchoTest, AnswersMessagesOfEverySize) {
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65'535u, 65'536u, 3'000'000u}) {
    std::string message(size, '\0');
    for (std::size_t i = 0; i < size; ++i) message[i] = static_cast<char>(i * 7);
    auto sending = std::async(std::launch::async, [&] { peer_.send(binary(message)); });
    const auto received = peer_.receive();
    sending.get();
    EXPECT_EQ(received.head.opcode, Opcode::binary);
    EXPECT_TRUE(received.head.is_final);
    EXPECT_FALSE(received.head.mask);
    EXPECT_EQ(received.payload, message);
  }
}

TEST_F(EchoTest, PutsFragmentsTogetherAndAnswersAPingBetweenThem) {
  peer_.send(frame(Opcode::binary, "one ", false));
  peer_.send(frame(Opcode::ping, "are you there?"));
  peer_.send(frame(Opcode::continuation, "", false) + frame(Opcode::continuation, "two ", false) +
             frame(Opcode::pong, "unasked"));
  const auto pong = peer_.receive();
  EXPECT_EQ(pong.head.opcode, Opcode::pong);
  EXPECT_EQ(pong.payload, "are you there?");
  peer_.send(frame(Opcode::continuation, "three"));
  EXPECT_EQ(peer_.receive().payload, "one two three");
}

TEST_F(EchoTest, ReadsFramesThatArriveByteByByte) {
  for (const char byte : frame(Opcode::binary, "he", false) + frame(Opcode::continuation, "llo")) {
    peer_.send({&byte, 1});
  }
  EXPECT_EQ(peer_.receive().payload, "hello");
}

TEST_F(EchoTest, ReadsWhatCameTogether) {
  peer_.send(binary("1") + binary("") + frame(Opcode::ping, "2") + binary("3"));
  EXPECT_EQ(peer_.receive().payload, "1");
  EXPECT_EQ(peer_.receive().payload, "");
  EXPECT_EQ(peer_.receive().payload, "2");
  EXPECT_EQ(peer_.receive().payload, "3");
}

TEST_F(EchoTest, AnswersACloseWithItsCodeAndEnds) {
  peer_.send(frame(Opcode::close, "\x0f\xa1 bye"));
  EXPECT_EQ(peer_.receive_close(), 4001);
  EXPECT_TRUE(peer_.ends());
}

TEST_F(EchoTest, AnswersACloseWithoutACode) {
  peer_.send(frame(Opcode::close, ""));
  EXPECT_EQ(peer_.receive_close(), 1005);
  EXPECT_TRUE(peer_.ends());
}

TEST_F(EchoTest, ClosesWhenTheServerDrains) {
  // An answer shows that the session has begun.
  peer_.send(binary("hello"));
  peer_.receive();
  auto drained =
      std::async(std::launch::async, [&] { return server_.drain(milliseconds(10'000)); });
  EXPECT_EQ(peer_.receive_close(), 1001);
  peer_.send(frame(Opcode::close, "\x03\xe9"));
  EXPECT_TRUE(peer_.ends());
  peer_.close();
  EXPECT_TRUE(drained.get());
}

TEST(WebSocket, IsClosedWhenItsSessionReturnsOrThrows) {
  Server server({}, [](Request& request) {
    return websocket_answer(request, [path = request.path](WebSocket&) {
      if (path == "/throw") throw std::runtime_error("out of ideas");
    });
  });
  WebSocketPeer returning(server.port());
  EXPECT_EQ(returning.receive_close(), 1000);
  returning.send(frame(Opcode::close, "\x03\xe8"));
  EXPECT_TRUE(returning.ends());
  WebSocketPeer throwing(server.port(), "/throw");
  EXPECT_EQ(throwing.receive_close(), 1011);
  EXPECT_EQ(throwing.close_text(), "out of ideas");
}

TEST(WebSocket, StillThereTakesInControlFramesAndLeavesMessages) {
  std::promise<void> go;
  std::promise<std::string> seen;
  Server server({}, [&](Request& request) {
    return websocket_answer(request, [&](WebSocket& socket) {
      go.get_future().wait();
      std::string saw = socket.still_there() ? "there " : "gone ";
      socket.await();
      saw += socket.read_rest();
      socket.await();
      saw += socket.still_there() ? " there" : " gone";
      seen.set_value(saw);
    });
  });
  WebSocketPeer peer(server.port());
  peer.send(frame(Opcode::ping, "p") + binary("message"));
  go.set_value();
  EXPECT_EQ(peer.receive().payload, "p");
  peer.send(frame(Opcode::close, ""));
  EXPECT_EQ(seen.get_future().get(), "there message gone");
}

TEST(WebSocket, AMessageThatWasNotReadIsPassedOver) {
  Server server({}, [](Request& request) {
    return websocket_answer(request, [](WebSocket& socket) {
      while (socket.await() == WebSocket::Event::message) {
        char first = 0;
        socket.read_exactly(&first, 1);
        socket.send({std::string_view(&first, 1)});
      }
    });
  });
  WebSocketPeer peer(server.port());
  peer.send(binary("a" + std::string(100'000, '.')) + frame(Opcode::binary, "b", false) +
            frame(Opcode::continuation, "...") + binary("c"));
  EXPECT_EQ(peer.receive().payload, "a");
  EXPECT_EQ(peer.receive().payload, "b");
  EXPECT_EQ(peer.receive().payload, "c");
}

}  // namespace
}  // namespace enxame::http
