// What a WebSocket of the server does not put up with.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

#include "http/server/server.h"
#include "http/websocket/test/websocket_peer.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

Handler session(std::function<void(WebSocket&)> run) {
  return [run = std::move(run)](Request& request) { return websocket_answer(request, run); };
}

void read_everything(WebSocket& socket) {
  while (socket.await() == WebSocket::Event::message) socket.read_rest();
}

struct Violation {
  std::string bytes;
  std::uint16_t code;
  std::string text;
};

class ViolationTest : public ::testing::TestWithParam<Violation> {};

TEST_P(ViolationTest, ClosesWithTheCodeThatSaysWhy) {
  Server server({.max_body_bytes = 1000}, session(read_everything));
  WebSocketPeer peer(server.port());
  peer.send(GetParam().bytes);
  EXPECT_EQ(peer.receive_close(), GetParam().code);
  EXPECT_THAT(peer.close_text(), HasSubstr(GetParam().text));
  peer.send(frame(Opcode::close, "\x03\xea"));
  EXPECT_TRUE(peer.ends());
}

const std::string kHead64 = "\x82\xff";

INSTANTIATE_TEST_SUITE_P(
    All, ViolationTest,
    ::testing::Values(
        Violation{frame(Opcode::binary, "x", true, std::nullopt), 1002, "without a mask"},
        Violation{frame(Opcode::ping, "x", true, std::nullopt), 1002, "without a mask"},
        Violation{frame(Opcode::text, "hello"), 1003, "a text message"},
        Violation{frame(Opcode::continuation, "x"), 1002, "first frame"},
        Violation{frame(Opcode::binary, "x", false) + binary("y"), 1002, "within another"},
        Violation{binary(std::string(1001, 'x')), 1009, "1001 bytes, expected at most 1000"},
        Violation{frame(Opcode::binary, std::string(600, 'x'), false) +
                      frame(Opcode::continuation, std::string(401, 'x')),
                  1009, "1001 bytes"},
        Violation{kHead64 + std::string("\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 12), 1009,
                  "9223372036854775807 bytes"},
        Violation{kHead64 + std::string("\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 12), 1002,
                  "2^63"},
        Violation{frame(Opcode::ping, std::string(126, 'x')), 1002, "control frame of 126"},
        Violation{frame(Opcode::close, "\x03"), 1002, "close frame of 1 byte"},
        Violation{frame(Opcode::close, "\x03\xee"), 1002, "code 1006"},
        Violation{frame(Opcode::close, "\x03\xe7"), 1002, "code 999"},
        Violation{frame(Opcode::close, "\x03\xec"), 1002, "code 1004"},
        Violation{frame(Opcode::close, "\x03\xed"), 1002, "code 1005"},
        Violation{frame(Opcode::close, "\x03\xf7"), 1002, "code 1015"},
        Violation{frame(Opcode::close, "\x03\xf8"), 1002, "code 1016"},
        Violation{frame(Opcode::close, "\x0b\xb7"), 1002, "code 2999"},
        Violation{frame(Opcode::close, "\x13\x88"), 1002, "code 5000"},
        Violation{frame(Opcode::close, "\x03\xe8\xff"), 1007, "not UTF-8"},
        Violation{frame(Opcode::close,
                        "\x03\xe8"
                        "cut \xe2\x82"),
                  1007, "not UTF-8"},
        Violation{std::string("\xc2\x80\0\0\0\0", 6), 1002, "reserved bits"}));

TEST(WebSocketLimits, AReasonThatQuotesThePeerIsUtf8AndCutBetweenCharacters) {
  std::string quoted = "bytes \xff";
  for (int i = 0; i < 100; ++i) quoted += "\u00e9";
  std::string long_text(122, 'x');
  long_text += "\u20ac";
  for (const std::string& reason : {quoted, long_text}) {
    Server server({},
                  session([&](WebSocket&) { throw WebSocketError(CloseCode::policy, reason); }));
    WebSocketPeer peer(server.port());
    // Reading it checks it.
    EXPECT_EQ(peer.receive_close(), 1008);
    EXPECT_LE(peer.close_text().size(), kMaxControlBytes - 2);
  }
}

TEST(WebSocketLimits, TheLargestMessageIsTakenInOnePieceAndInMany) {
  Server server({.max_body_bytes = 1000}, session([](WebSocket& socket) {
                  while (socket.await() == WebSocket::Event::message) {
                    socket.send({std::to_string(socket.read_rest().size())});
                  }
                }));
  WebSocketPeer peer(server.port());
  peer.send(binary(std::string(1000, 'x')));
  EXPECT_EQ(peer.receive().payload, "1000");
  for (int i = 0; i < 999; ++i) {
    peer.send(frame(i == 0 ? Opcode::binary : Opcode::continuation, "x", false));
  }
  peer.send(frame(Opcode::continuation, "x"));
  EXPECT_EQ(peer.receive().payload, "1000");
}

TEST(WebSocketLimits, AMessageThatTricklesEndsTheConnection) {
  Server server({.request_timeout = milliseconds(50)}, session(read_everything));
  WebSocketPeer peer(server.port());
  peer.send(frame(Opcode::binary, "begun", false));
  EXPECT_TRUE(peer.ends());
}

TEST(WebSocketLimits, ACutMessageEndsTheSession) {
  std::promise<std::string> ended;
  Server server({}, session([&](WebSocket& socket) {
                  socket.await();
                  try {
                    socket.read_rest();
                    ended.set_value("nothing");
                  } catch (const net::ConnectionError& error) {
                    ended.set_value(error.what());
                  }
                }));
  WebSocketPeer peer(server.port());
  peer.send(binary("hello").substr(0, 8));
  peer.end_sending();
  EXPECT_THAT(ended.get_future().get(), HasSubstr("within a message"));
}

TEST(WebSocketLimits, AMessageWithoutEndEndsTheConnectionHoweverFastItComes) {
  Server server({.request_timeout = milliseconds(50)}, session(read_everything));
  WebSocketPeer peer(server.port());
  peer.send(frame(Opcode::binary, "begun", false));
  std::string nothings;
  for (int i = 0; i < 1000; ++i) nothings += frame(Opcode::continuation, "", false);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto send_without_end = [&] {
    while (std::chrono::steady_clock::now() < deadline) peer.send(nothings);
  };
  EXPECT_THROW(send_without_end(), std::exception) << "the server still takes them";
}

TEST(WebSocketLimits, ASilentPeerIsPingedAndThenGivenUp) {
  std::promise<std::string> ended;
  Server server({.ping_interval = milliseconds(30)}, session([&](WebSocket& socket) {
                  try {
                    socket.await();
                    ended.set_value("nothing");
                  } catch (const net::ConnectionError& error) {
                    ended.set_value(error.what());
                  }
                }));
  WebSocketPeer peer(server.port());
  EXPECT_EQ(peer.receive().head.opcode, Opcode::ping);
  EXPECT_THAT(ended.get_future().get(), HasSubstr("not answered a ping for 30 ms"));
}

TEST(WebSocketLimits, APeerThatAnswersPingsIsKept) {
  Server server({.ping_interval = milliseconds(300)}, session([](WebSocket& socket) {
                  socket.await();
                  const std::string message = socket.read_rest();
                  socket.send({message});
                }));
  WebSocketPeer peer(server.port());
  for (int i = 0; i < 3; ++i) {
    const auto ping = peer.receive();
    EXPECT_EQ(ping.head.opcode, Opcode::ping);
    peer.send(frame(Opcode::pong, ping.payload));
  }
  peer.send(binary("still here"));
  for (auto received = peer.receive();; received = peer.receive()) {
    if (received.head.opcode == Opcode::ping) continue;
    EXPECT_EQ(received.payload, "still here");
    break;
  }
}

TEST(WebSocketLimits, APeerThatDoesNotReadHoldsItsSenderUpOnlySoLong) {
  std::promise<std::string> ended;
  Server server({.request_timeout = milliseconds(100)}, session([&](WebSocket& socket) {
                  try {
                    const std::string much(std::size_t{64} << 20, 'x');
                    socket.send({much});
                    ended.set_value("it was sent");
                  } catch (const net::TimedOut&) {
                    ended.set_value("timed out");
                  }
                }));
  WebSocketPeer peer(server.port());
  EXPECT_EQ(ended.get_future().get(), "timed out");
}

}  // namespace
}  // namespace enxame::http
