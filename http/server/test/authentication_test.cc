#include "http/server/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/client/client.h"
#include "http/client/websocket_client.h"
#include "http/server/server.h"
#include "http/test/raw_peer.h"
#include "http/test/token_file.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::ThrowsMessage;

const std::string kOfClient = "client-0123456789";
const std::string kOfOtherClient = "other-client-0123456789";
const std::string kOfWorker = "worker-0123456789";
const std::string kOfBoth = "both-0123456789abc";

Role role_by_path(const Request& request) {
  if (request.path == "/health") return Role::anyone;
  return request.path == "/work" ? Role::worker : Role::client;
}

AuthenticationOptions with_tokens() {
  return {.client_tokens = {kOfClient, kOfOtherClient, kOfBoth},
          .worker_tokens = {kOfBoth, kOfWorker},
          .role_of = role_by_path};
}

/// What a request with such a field is answered, 200 where it is let in.
int status_of_field(const std::string& path, const std::string& name, const std::string& value) {
  const Authentication authentication(with_tokens());
  Request request;
  request.method = "GET";
  request.path = path;
  if (!name.empty()) request.headers = {{name, value}};
  try {
    authentication.check(request);
    return 200;
  } catch (const Error& error) {
    return error.status();
  }
}

int status_of_token(const std::string& path, const std::string& token) {
  return status_of_field(path, "Authorization", "Bearer " + token);
}

TEST(AuthenticationTest, AsksForATokenOfTheRole) {
  EXPECT_EQ(status_of_token("/ask", kOfClient), 200);
  EXPECT_EQ(status_of_token("/ask", kOfOtherClient), 200);
  EXPECT_EQ(status_of_token("/ask", kOfBoth), 200);
  EXPECT_EQ(status_of_token("/ask", kOfWorker), 403);
  EXPECT_EQ(status_of_token("/work", kOfWorker), 200);
  EXPECT_EQ(status_of_token("/work", kOfBoth), 200);
  EXPECT_EQ(status_of_token("/work", kOfClient), 403);
  EXPECT_EQ(status_of_field("/health", "", ""), 200);
  EXPECT_EQ(status_of_token("/health", "wrong"), 200);
}

TEST(AuthenticationTest, KnowsNoTokenThatIsNotOneToItsEnd) {
  EXPECT_EQ(status_of_field("/ask", "", ""), 401);
  for (const std::string& token : std::vector<std::string>{
           "", kOfClient.substr(1), kOfClient.substr(0, kOfClient.size() - 1), kOfClient + "0",
           "Client-0123456789", kOfClient + " ", kOfClient + "," + kOfClient}) {
    EXPECT_EQ(status_of_token("/ask", token), 401) << token;
  }
}

TEST(AuthenticationTest, ReadsBearerOnly) {
  EXPECT_EQ(status_of_field("/ask", "authorization", "bearer " + kOfClient), 200);
  EXPECT_EQ(status_of_field("/ask", "Authorization", "Bearer  " + kOfClient), 200);
  for (const std::string& value :
       std::vector<std::string>{kOfClient, "Basic " + kOfClient, "Bearer" + kOfClient, "Bearer",
                                "Bearer ", "Bearer: " + kOfClient, "Digest Bearer " + kOfClient}) {
    EXPECT_EQ(status_of_field("/ask", "Authorization", value), 401) << value;
  }
}

TEST(AuthenticationTest, ReadsASubprotocolThatAPageOffers) {
  const auto status = [](const std::string& value) {
    return status_of_field("/work", "Sec-WebSocket-Protocol", value);
  };
  EXPECT_EQ(status("enxame, bearer." + kOfWorker), 200);
  EXPECT_EQ(status("bearer." + kOfWorker + " ,enxame"), 200);
  EXPECT_EQ(status("enxame"), 401);
  EXPECT_EQ(status("enxame, " + kOfWorker), 401);
  EXPECT_EQ(status("enxame, xbearer." + kOfWorker), 401);
  EXPECT_EQ(status("bearer., enxame"), 401);
  EXPECT_EQ(status(","), 401);
}

TEST(AuthenticationTest, LetsEverybodyInWithoutTokensAndPreflightsAlways) {
  Request request;
  request.method = "GET";
  request.path = "/ask";
  EXPECT_NO_THROW(Authentication({.role_of = role_by_path}).check(request));
  request.method = "OPTIONS";
  EXPECT_NO_THROW(Authentication(with_tokens()).check(request));
}

TEST(AuthenticationTest, IsForClientsWhereNobodySaysForWhom) {
  Request request;
  request.method = "GET";
  EXPECT_THROW(Authentication({.client_tokens = {kOfClient}}).check(request), Error);
}

class AuthenticationOverSockets : public ::testing::Test {
 protected:
  std::string ask(const std::string& request) {
    RawPeer peer(server_.port());
    peer.send(request);
    return peer.receive_answer();
  }

  Origin origin() const { return {"127.0.0.1", server_.port()}; }

  std::atomic<int> handled_ = 0;
  Server server_{{.authentication = with_tokens(), .log = [](std::string_view) {}},
                 [this](Request& request) {
                   ++handled_;
                   if (request.path == "/ws" || request.path == "/work") {
                     return websocket_answer(request, [](WebSocket& socket) { socket.await(); });
                   }
                   return Response{.body = "done"};
                 }};
};

TEST_F(AuthenticationOverSockets, RefusesBeforeTheBodyAndTheHandlerAndTellsNoMoreThanItMust) {
  const std::string head = "POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n";
  const std::string without = ask(head + "\r\n");
  EXPECT_EQ(status_of(without), "401");
  EXPECT_THAT(without, HasSubstr("\r\nWWW-Authenticate: Bearer realm=\"enxame\"\r\n"));
  const std::string wrong = ask(head + "Authorization: Bearer " + kOfClient + "0\r\n\r\n");
  EXPECT_EQ(body_of(wrong), body_of(without));
  EXPECT_THAT(wrong, Not(HasSubstr(kOfClient)));
  const std::string other = ask(head + "Authorization: Bearer " + kOfWorker + "\r\n\r\n");
  EXPECT_EQ(status_of(other), "403");
  EXPECT_THAT(other, Not(HasSubstr("WWW-Authenticate")));
  EXPECT_EQ(handled_, 0);
}

TEST_F(AuthenticationOverSockets, LetsPagesReadThatTheyWereRefused) {
  const std::string answer =
      ask("GET /ask HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:8081\r\n\r\n");
  EXPECT_EQ(status_of(answer), "401");
  EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: http://localhost:8081"));
}

TEST_F(AuthenticationOverSockets, ComesAfterHostAndOrigin) {
  const std::string token = "Authorization: Bearer " + kOfClient + "\r\n\r\n";
  EXPECT_EQ(status_of(ask("GET /ask HTTP/1.1\r\nHost: evil.example\r\n" + token)), "421");
  EXPECT_EQ(status_of(ask("GET /ask HTTP/1.1\r\nOrigin: http://evil.example\r\n" + token)), "403");
}

TEST_F(AuthenticationOverSockets, IsShownByClients) {
  Client stranger(origin());
  EXPECT_EQ(stranger.send({.target = "/ask"}).status, 401);
  EXPECT_EQ(stranger.send({.target = "/health"}).status, 200);
  Client client(origin(), {.identity = {.token = kOfClient}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.send({.target = "/ask"}).body, "done");
}

TEST_F(AuthenticationOverSockets, IsShownByWebSocketsOfClients) {
  EXPECT_THAT([&] { WebSocketClient(origin(), "/ws", {}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("answered \"HTTP/1.1 401")));
  WebSocketClient client(origin(), "/ws", {.identity = {.token = kOfClient}});
  client.socket().close(CloseCode::normal);
  EXPECT_EQ(client.socket().peer_close()->code, 1000);
}

TEST_F(AuthenticationOverSockets, IsShownByPagesAsASubprotocolThatIsNotChosen) {
  const auto shake_hands = [&](const std::string& subprotocols) {
    return ask(
        "GET /work HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: " +
        subprotocols + "\r\n\r\n");
  };
  const std::string answer = shake_hands("enxame, bearer." + kOfWorker);
  EXPECT_EQ(status_of(answer), "101");
  EXPECT_THAT(answer, HasSubstr("\r\nSec-WebSocket-Protocol: enxame\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr(kOfWorker)));
  EXPECT_EQ(status_of(shake_hands("enxame")), "401");
  EXPECT_EQ(status_of(shake_hands("enxame, bearer." + kOfClient)), "403");
}

}  // namespace
}  // namespace enxame::http
