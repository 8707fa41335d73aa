#include "http/websocket/websocket_handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server/server.h"
#include "http/test/raw_peer.h"
#include "http/websocket/websocket.h"

namespace enxame::http {
namespace {

using ::testing::HasSubstr;

TEST(WebSocketHandshake, AnswersAKeyAsTheStandardSays) {
  // RFC 6455, section 1.3.
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(websocket_key().size(), 24u);
  EXPECT_NE(websocket_key(), websocket_key());
}

Server make_server() {
  return Server({}, [](Request& request) { return websocket_answer(request, [](WebSocket&) {}); });
}

std::string answer_to(std::string_view fields, std::string_view version = "HTTP/1.1") {
  Server server = make_server();
  RawPeer peer(server.port());
  peer.send("GET / " + std::string(version) + "\r\n" + std::string(fields) + "\r\n");
  return peer.receive_answer();
}

constexpr std::string_view kGood =
    "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string without(std::string_view what, std::string_view instead = "") {
  std::string fields(kGood);
  fields.replace(fields.find(what), what.size(), instead);
  return fields;
}

TEST(WebSocketHandshake, SwitchesProtocols) {
  const std::string answer = answer_to(kGood);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nUpgrade: websocket\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
}

TEST(WebSocketHandshake, ChoosesItsSubprotocolWhereItIsOffered) {
  EXPECT_EQ(answer_to(kGood).find("Sec-WebSocket-Protocol"), std::string::npos);
  const std::string other = answer_to(std::string(kGood) + "Sec-WebSocket-Protocol: chat\r\n");
  EXPECT_EQ(other.find("Sec-WebSocket-Protocol"), std::string::npos);
  EXPECT_THAT(answer_to(std::string(kGood) + "Sec-WebSocket-Protocol: chat, enxame\r\n"),
              HasSubstr("\r\nSec-WebSocket-Protocol: enxame\r\n"));
}

TEST(WebSocketHandshake, ReadsListsOfSeveralFields) {
  EXPECT_EQ(
      status_of(answer_to(without("keep-alive, Upgrade", "keep-alive\r\nConnection: upgrade"))),
      "101");
}

TEST(WebSocketHandshake, RefusesWhatIsGivenTwice) {
  for (const char* twice : {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                            "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n",
                            "Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 8\r\n"}) {
    EXPECT_EQ(status_of(answer_to(std::string(kGood) + twice)), "400") << twice;
  }
}

TEST(WebSocketHandshake, RefusesAKeyThatIsNotTheBase64OfItsBytes) {
  EXPECT_EQ(status_of(answer_to(without("25jZQ==", "25jZR=="))), "400");
}

TEST(WebSocketHandshake, IsAGetWithoutABody) {
  Server server = make_server();
  RawPeer peer(server.port());
  peer.send("POST / HTTP/1.1\r\n" + std::string(kGood) + "\r\n");
  EXPECT_EQ(status_of(peer.receive_answer()), "400");
  RawPeer with_body(server.port());
  with_body.send("GET / HTTP/1.1\r\nContent-Length: 1\r\n" + std::string(kGood) + "\r\nx");
  EXPECT_EQ(status_of(with_body.receive_answer()), "400");
}

std::string refusal_of_reply(const std::string& fields) {
  try {
    check_websocket_reply(
        parse_reply_head("HTTP/1.1 101 Switching Protocols\r\n" + fields + "\r\n"),
        "dGhlIHNhbXBsZSBub25jZQ==");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(WebSocketHandshake, ChecksTheServersAnswer) {
  const std::string good =
      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
  EXPECT_EQ(refusal_of_reply(good), "");
  EXPECT_THAT(refusal_of_reply(""), HasSubstr("Upgrade is"));
  EXPECT_THAT(refusal_of_reply(good + "Sec-WebSocket-Accept: x\r\n"), HasSubstr("given twice"));
  EXPECT_THAT(refusal_of_reply(good + "Sec-WebSocket-Protocol: x\r\n"), HasSubstr("expected none"));
  EXPECT_THAT(refusal_of_reply("Upgrade: websocket\r\nConnection: Upgrade\r\n"),
              HasSubstr("Sec-WebSocket-Accept is"));
}

TEST(WebSocketHandshake, SaysWhatIsMissing) {
  EXPECT_THAT(answer_to(without("Upgrade: WebSocket\r\n")),
              HasSubstr("Upgrade is \\\"\\\", expected websocket"));
  EXPECT_THAT(answer_to(without("keep-alive, Upgrade", "close")),
              HasSubstr("Connection is \\\"close\\\", expected upgrade"));
  EXPECT_THAT(answer_to(without("dGhlIHNhbXBsZSBub25jZQ==", "short==")),
              HasSubstr("Sec-WebSocket-Key is \\\"short==\\\""));
  EXPECT_EQ(status_of(answer_to(kGood, "HTTP/1.0")), "400");
  const std::string old = answer_to(without("13", "8"));
  EXPECT_EQ(status_of(old), "426");
  EXPECT_THAT(old, HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
}

}  // namespace
}  // namespace enxame::http
