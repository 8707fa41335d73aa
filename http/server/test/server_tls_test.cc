// HTTP over TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>

#include "http/client/client.h"
#include "http/client/websocket_client.h"
#include "http/server/server.h"
#include "http/test/raw_peer.h"
#include "http/websocket/websocket_handshake.h"
#include "net/test/test_certificate.h"
#include "testing/eventually.h"

namespace enxame::http {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ServerWithTls : public ::testing::Test {
 protected:
  Origin origin() const { return {"localhost", server_.port(), true}; }
  Identity identity() const { return {.authorities_file = certificate_.certificate_file()}; }

  /// What the server has logged so far, in one piece.
  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  net::TestCertificate certificate_;
  std::mutex mutex_;
  std::string log_;
  Server server_{{.request_timeout = 5s,
                  .tls_certificate_file = certificate_.certificate_file(),
                  .tls_key_file = certificate_.key_file(),
                  .log =
                      [this](std::string_view line) {
                        const std::lock_guard lock(mutex_);
                        log_.append(line).append("\n");
                      }},
                 [](Request& request) {
                   if (request.path != "/ws") return Response{.body = std::move(request.body)};
                   return websocket_answer(request, [](WebSocket& socket) {
                     while (socket.await() == WebSocket::Event::message) {
                       socket.send({socket.read_rest()});
                     }
                   });
                 }};
};

TEST_F(ServerWithTls, AnswersLikeAnyOther) {
  Client client(origin(), {.identity = identity()});
  for (const std::size_t size : {0, 1, 100, 20'000, 3'000'000}) {
    const std::string body(size, 'x');
    EXPECT_TRUE(client.send({.method = "POST", .target = "/", .body = body}).body == body) << size;
  }
}

TEST_F(ServerWithTls, CarriesWebSockets) {
  WebSocketClient client(origin(), "/ws", {.identity = identity()});
  WebSocket& socket = client.socket();
  for (const std::size_t size : {1, 100, 70'000, 1'000'000}) {
    const std::string message(size, 'x');
    socket.send({message});
    ASSERT_EQ(socket.await(std::chrono::steady_clock::now() + 20s), WebSocket::Event::message);
    EXPECT_TRUE(socket.read_rest() == message) << size;
  }
  socket.close(CloseCode::normal);
  EXPECT_EQ(socket.peer_close()->code, 1000);
}

TEST_F(ServerWithTls, TellsWhoeverSpeaksPlainHttp) {
  RawPeer peer(server_.port());
  peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string answer = peer.receive_all();
  EXPECT_EQ(status_of(answer), "400");
  EXPECT_THAT(answer, HasSubstr("expected https://"));
  Client plain({"127.0.0.1", server_.port()});
  EXPECT_EQ(plain.send({.target = "/"}).status, 400);
}

TEST_F(ServerWithTls, LogsAHandshakeThatFails) {
  RawPeer nonsense(server_.port());
  nonsense.send(std::string(100, '\xff'));
  nonsense.receive_all();
  eventually([&] { return log().find("the handshake failed: ") != std::string::npos; });
  Client stranger(origin());  // which does not believe the certificate
  EXPECT_THAT([&] { stranger.send({.target = "/"}); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("https://localhost:"),
                                                      HasSubstr("certificate is not believed"))));
}

TEST_F(ServerWithTls, GivesThePlaceOfAHalfHandshakeToANewcomer) {
  Server server({.max_connections = 1,
                 .tls_certificate_file = certificate_.certificate_file(),
                 .tls_key_file = certificate_.key_file(),
                 .log = [](std::string_view) {}},
                [](Request&) { return Response{}; });
  RawPeer half(server.port());
  half.send("\x16\x03\x01");
  Client client({"localhost", server.port(), true}, {.identity = identity()});
  // It is taken for stalled after a moment.
  eventually([&] {
    try {
      return client.send({.target = "/"}).status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  EXPECT_TRUE(half.ends());
}

TEST(ServerTlsFiles, ArePartOfAServerThatCanStart) {
  const net::TestCertificate certificate;
  EXPECT_THROW(Server({.tls_certificate_file = certificate.certificate_file()}, nullptr),
               std::runtime_error);
  EXPECT_THROW(Server({.tls_key_file = certificate.key_file()}, nullptr), std::runtime_error);
}

}  // namespace
}  // namespace enxame::http
