#include "http/server/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/request_head.h"
#include "http/server/server.h"
#include "http/websocket/test/websocket_peer.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

bool is_page(const Request& request) { return request.path == "/" || request.path == "/a.js"; }

/// What becomes of a request to a server on 127.0.0.1 with pages; "" when it is let in.
std::string refusal_of(const std::string& fields, const std::string& line = "GET /task/next",
                       AccessOptions options = {}, const std::string& listen = "127.0.0.1") {
  options.is_page = is_page;
  Request request;
  parse_request_head(line + " HTTP/1.1\r\n" + fields + "\r\n", request);
  try {
    Access(std::move(options), listen).check(request);
  } catch (const Error& error) {
    return std::to_string(error.status()) + " " + error.what();
  }
  return "";
}

int status_of_host(const std::string& host, AccessOptions options = {},
                   const std::string& listen = "127.0.0.1") {
  const std::string refusal =
      refusal_of("Host: " + host + "\r\n", "GET /", std::move(options), listen);
  return refusal.empty() ? 200 : std::stoi(refusal);
}

TEST(AccessByHost, IsForThisMachineUnlessMoreIsAllowed) {
  for (const char* host : {"localhost", "localhost:8080", "a.localhost:1", "127.0.0.1",
                           "127.9.9.9:80", "[::1]:8080", ""}) {
    EXPECT_EQ(status_of_host(host), 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:8080", "x", "10.0.0.7", "0.0.0.0", "[::]",
                           "localhost.evil.example", "127.0.0.1.nip.io", "[2001:db8::1]"}) {
    EXPECT_EQ(status_of_host(host), 421) << host;
  }
  EXPECT_EQ(refusal_of(""), "") << "a bare head, as the original's clients send it";
}

TEST(Access, QuotesTheBeginningOfWhatItRefuses) {
  const std::string x(10'000, 'x');
  for (const std::string& field : {"Host: " + x, "Origin: http://" + x,
                                   "Referer: http://" + x + "/", "Sec-Fetch-Site: " + x}) {
    const std::string refusal = refusal_of(field + "\r\n");
    EXPECT_THAT(refusal, HasSubstr("xxx…")) << field.substr(0, 20);
    EXPECT_LT(refusal.size(), 800u);
  }
}

TEST(AccessByHost, KnowsTheAddressThatIsListenedOn) {
  EXPECT_EQ(status_of_host("10.0.0.7:80", {}, "10.0.0.7"), 200);
  EXPECT_EQ(status_of_host("10.0.0.8", {}, "10.0.0.7"), 421);
  EXPECT_EQ(status_of_host("[2001:DB8::0:1]", {}, "2001:db8::1"), 200);
  EXPECT_EQ(status_of_host("node7:80", {}, "node7"), 200);
  // Listening everywhere: any address, but no name, which a stranger's DNS may lead here.
  for (const char* listen : {"0.0.0.0", "::", "[::]"}) {
    EXPECT_EQ(status_of_host("10.0.0.8", {}, listen), 200);
    EXPECT_EQ(status_of_host("[2001:db8::1]:8", {}, listen), 200);
    EXPECT_EQ(status_of_host("evil.example", {}, listen), 421);
  }
}

TEST(AccessByHost, IsOpenedByName) {
  EXPECT_EQ(status_of_host("Enxame.Example:1", {.hosts = {"enxame.example"}}), 200);
  EXPECT_EQ(status_of_host("sub.enxame.example", {.hosts = {"enxame.example"}}), 421);
  EXPECT_EQ(status_of_host("[2001:db8::1]", {.hosts = {"2001:db8::1"}}), 200);
  EXPECT_EQ(status_of_host("evil.example", {.hosts = {"*"}}), 200);
}

TEST(AccessByHost, GoesByTheTargetWhereItNamesAHost) {
  EXPECT_EQ(refusal_of("Host: evil.example\r\n", "GET http://localhost/"), "");
  EXPECT_THAT(refusal_of("Host: localhost\r\n", "GET http://evil.example/"), HasSubstr("421 "));
}

TEST(AccessByOrigin, IsForOwnPagesAndThoseOfLoopback) {
  const std::string host = "Host: 10.0.0.7:8080\r\n";
  const auto refusal = [&](const std::string& origin) {
    return refusal_of(host + "Origin: " + origin + "\r\n", "POST /task", {}, "10.0.0.7");
  };
  for (const char* origin :
       {"http://10.0.0.7:8080", "HTTP://10.0.0.7:8080", "http://localhost:8081",
        "https://localhost", "http://app.localhost:3000", "http://127.0.0.1:5173",
        "http://[::1]:8081"}) {
    EXPECT_EQ(refusal(origin), "") << origin;
  }
  for (const char* origin :
       {"http://evil.example", "https://10.0.0.7:8080", "http://10.0.0.7", "http://10.0.0.7:80801",
        "null", "http://localhost.evil.example", "file://", "ftp://localhost", "http://localhost/",
        "http://localhost@evil.example", "localhost", "http://10.0.0.7:8080 http://evil.example",
        "http://127.0.0.1.evil.example", "chrome-extension://abc"}) {
    EXPECT_THAT(refusal(origin), HasSubstr("403 ")) << origin;
    EXPECT_THAT(refusal(origin), HasSubstr(origin));
    EXPECT_THAT(refusal(origin), HasSubstr("--allow-origin"));
  }
}

TEST(AccessByOrigin, TakesPagesOfItsSchemeForOwn) {
  const auto is_let_in = [](std::string_view scheme, const std::string& origin) {
    Request request;
    request.authority = "a.example";
    request.headers = {{"Origin", origin}};
    try {
      Access({.hosts = {"a.example"}}, "0.0.0.0", scheme).check(request);
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  EXPECT_TRUE(is_let_in("http", "http://a.example"));
  EXPECT_FALSE(is_let_in("http", "https://a.example"));
  EXPECT_TRUE(is_let_in("https", "https://a.example"));
  EXPECT_FALSE(is_let_in("https", "http://a.example"));
}

TEST(AccessByOrigin, KnowsThatTheUsualPortNeedNotBeWritten) {
  EXPECT_EQ(refusal_of("Host: 10.0.0.7\r\nOrigin: http://10.0.0.7:80\r\n", "GET /", {}, "10.0.0.7"),
            "");
  EXPECT_EQ(refusal_of("Host: 10.0.0.7:80\r\nOrigin: http://10.0.0.7\r\n", "GET /", {}, "10.0.0.7"),
            "");
}

TEST(AccessByOrigin, IsOpenedByOrigin) {
  const AccessOptions options{.hosts = {"enxame.example"},
                              .origins = {"https://enxame.example", "http://10.0.0.9:8081"}};
  const auto refusal = [&](const std::string& origin) {
    return refusal_of("Host: enxame.example\r\nOrigin: " + origin + "\r\n", "POST /task", options);
  };
  EXPECT_EQ(refusal("https://enxame.example"), "");
  EXPECT_EQ(refusal("https://enxame.example:443"), "");
  EXPECT_EQ(refusal("http://10.0.0.9:8081"), "");
  EXPECT_THAT(refusal("http://10.0.0.9"), HasSubstr("403 "));
  EXPECT_EQ(refusal_of("Origin: null\r\n", "POST /task", {.origins = {"*"}}), "");
  EXPECT_EQ(refusal_of("Sec-Fetch-Site: cross-site\r\n", "GET /task/next", {.origins = {"*"}}), "");
}

TEST(AccessWithoutOrigin, KeepsForeignImagesScriptsAndLinksAwayFromRoutes) {
  const std::string host = "Host: localhost:8080\r\n";
  for (const char* fields :
       {"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
        "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: unheard-of\r\n",
        "Referer: http://evil.example/page\r\n", "Referer: about:blank\r\n",
        "Sec-Fetch-Site: same-site\r\nReferer: http://evil.example/\r\n",
        "Sec-Fetch-Site: cross-site\r\nReferer: "
        "https://localhost.evil.example/?http://localhost\r\n"}) {
    EXPECT_THAT(refusal_of(host + fields), HasSubstr("403 ")) << fields;
    EXPECT_THAT(refusal_of(host + fields), HasSubstr("--allow-origin")) << fields;
  }
}

TEST(AccessWithoutOrigin, TakesWhatIsNotForeign) {
  const std::string host = "Host: localhost:8080\r\n";
  for (const char* fields : {"", "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n",
                             "Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: same-site\r\n",
                             "Referer: http://localhost:8080/main.html?x\r\n",
                             "Sec-Fetch-Site: cross-site\r\nReferer: http://127.0.0.1:8081/\r\n"}) {
    EXPECT_EQ(refusal_of(host + fields), "") << fields;
  }
}

TEST(AccessWithoutOrigin, DoesNotTakeANeighbourOfAPublicNameForOwn) {
  EXPECT_THAT(refusal_of("Host: a.example\r\nSec-Fetch-Site: same-site\r\n", "GET /task/next",
                         {.hosts = {"a.example"}}),
              HasSubstr("403 "));
}

TEST(AccessToPages, IsOpenToLinksFromAnywhere) {
  const std::string link =
      "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
      "Sec-Fetch-Dest: ";
  EXPECT_EQ(refusal_of(link + "document\r\n", "GET /"), "");
  EXPECT_EQ(refusal_of("Host: localhost\r\nReferer: http://evil.example/\r\n", "GET /"), "");
  EXPECT_THAT(refusal_of(link + "iframe\r\n", "GET /"), HasSubstr("403 "));
  EXPECT_THAT(refusal_of(link + "document\r\n", "POST /"), HasSubstr("403 "));
  EXPECT_THAT(refusal_of(link + "document\r\nOrigin: http://evil.example\r\n", "GET /"),
              HasSubstr("403 "));
  EXPECT_THAT(
      refusal_of("Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"
                 "Sec-Fetch-Dest: script\r\n",
                 "GET /a.js"),
      HasSubstr("403 "));
}

TEST(AccessOptionsTest, AreReadStrictly) {
  EXPECT_EQ(parse_allowed_host("::1"), "[::1]");
  for (const char* host : {"", "a:80", "http://a", "a/b", "a b", "[::1]:8"}) {
    EXPECT_THROW(parse_allowed_host(host), std::invalid_argument) << host;
  }
  for (const char* origin : {"", "a.example", "http://a.example/", "http://a.example/x", "http://",
                             "null", "http://a b", "https://user@a.example"}) {
    EXPECT_THROW(parse_allowed_origin(origin), std::invalid_argument) << origin;
  }
  EXPECT_THROW(Access({.origins = {"a"}}, "127.0.0.1"), std::invalid_argument);
}

class AccessOverSockets : public ::testing::Test {
 protected:
  std::string ask(const std::string& request) {
    RawPeer peer(server_.port());
    peer.send(request);
    return peer.receive_answer();
  }

  std::atomic<int> handled_ = 0;
  Server server_{{.access = {.request_headers = "X-A", .exposed_headers = "X-B"},
                  .log = [](std::string_view) {}},
                 [this](Request& request) {
                   ++handled_;
                   if (request.path == "/ws") return websocket_answer(request, [](WebSocket&) {});
                   return Response{};
                 }};
};

TEST_F(AccessOverSockets, RefusesBeforeTheBodyAndTheHandler) {
  const std::string answer =
      ask("POST /task HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
          "Content-Length: 100000\r\n\r\n");
  EXPECT_EQ(status_of(answer), "403");
  EXPECT_THAT(body_of(answer), HasSubstr("http://evil.example"));
  EXPECT_THAT(answer, Not(HasSubstr("Access-Control-Allow")));
  EXPECT_EQ(status_of(ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")), "421");
  EXPECT_EQ(status_of(ask("OPTIONS /task HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n")),
            "403");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AccessOverSockets, RefusesAForeignPagesWebSocket) {
  const std::string handshake =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  EXPECT_EQ(
      status_of(ask("GET /ws HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n" +
                    handshake)),
      "403");
  EXPECT_EQ(status_of(ask("GET /ws HTTP/1.1\r\nHost: evil.example\r\n" + handshake)), "421");
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(status_of(ask("GET /ws HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:1\r\n" +
                          handshake)),
            "101");
}

TEST_F(AccessOverSockets, NamesTheOriginThatItLetsIn) {
  const std::string answer =
      ask("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:8081\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("\r\nAccess-Control-Allow-Origin: http://localhost:8081\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nAccess-Control-Expose-Headers: X-B\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nVary: Origin\r\n"));
  const std::string program = ask("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(program, Not(HasSubstr("Access-Control")));
  EXPECT_THAT(program, HasSubstr("\r\nVary: Origin\r\n"));
  EXPECT_THAT(program, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
}

TEST_F(AccessOverSockets, AnswersPreflights) {
  const std::string answer =
      ask("OPTIONS /task HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://localhost:8081\r\n"
          "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Private-Network: "
          "true\r\n\r\n");
  EXPECT_EQ(status_of(answer), "200");
  for (const char* line : {"Origin: http://localhost:8081", "Methods: GET, HEAD, POST, OPTIONS",
                           "Headers: X-A", "Private-Network: true"}) {
    EXPECT_THAT(answer, HasSubstr(std::string("\r\nAccess-Control-Allow-") + line + "\r\n"));
  }
  EXPECT_THAT(answer, HasSubstr("\r\nAccess-Control-Max-Age: 7200\r\n"));
}

}  // namespace
}  // namespace enxame::http
