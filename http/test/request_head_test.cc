#include "http/request_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace enxame::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

int status_of_head(const std::string& head) {
  try {
    Request request;
    parse_request_head(head + "\r\n\r\n", request);
  } catch (const Error& error) {
    return error.status();
  }
  return 200;
}

int status_of_field(const std::string& line) {
  return status_of_head("POST / HTTP/1.1\r\n" + line);
}

Framing framing_of(const std::string& head) {
  Request request;
  return parse_request_head(head + "\r\n\r\n", request);
}

TEST(ParseRequestHead, QuotesTheBeginningOfWhatItRefuses) {
  const std::string x(10'000, 'x');
  for (const std::string& head :
       {"GET http://" + x + ":y/ HTTP/1.1", "GET " + x + " HTTP/1.1",
        "GET / HTTP/1.1\r\nHost: " + x + "/", "POST / HTTP/1.1\r\nContent-Length: " + x,
        "POST / HTTP/1.1\r\nExpect: " + x}) {
    EXPECT_THAT(
        [&] {
          Request request;
          parse_request_head(head + "\r\n\r\n", request);
        },
        ThrowsMessage<Error>(AllOf(HasSubstr("xxx…"), SizeIs(::testing::Lt(400u)))))
        << head.substr(0, 40);
  }
}

TEST(ParseRequestHead, ReadsMethodPathQueryAndHeaders) {
  Request request;
  request.query = {{"left", "over"}};
  const Framing framing = parse_request_head(
      "GET /task/next?workerId=a%20b+c&wait=5&flag&&x=%3D HTTP/1.1\r\nhost: x\r\nAccept: a\r\n\r\n",
      request);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/task/next");
  EXPECT_THAT(request.query, ElementsAre(Pair("workerId", "a b c"), Pair("wait", "5"),
                                         Pair("flag", ""), Pair("x", "=")));
  EXPECT_EQ(request.header("ACCEPT"), "a");
  EXPECT_EQ(request.parameter("wait"), "5");
  EXPECT_EQ(request.parameter("none"), std::nullopt);
  EXPECT_EQ(framing.content_length, 0u);
  EXPECT_TRUE(framing.keep_alive);
}

TEST(ParseRequestHead, DecodesThePathButLeavesPlusAndEncodedSlashesAlone) {
  Request request;
  parse_request_head("GET /a+b%2Fc%41 HTTP/1.1\r\n\r\n", request);
  EXPECT_EQ(request.path, "/a+b%2FcA");
  EXPECT_THAT(request.query, IsEmpty());
}

TEST(ParseRequestHead, TakesAbsoluteAndAsteriskForm) {
  Request request;
  parse_request_head("GET HTTP://host:80/stats?x=1 HTTP/1.1\r\n\r\n", request);
  EXPECT_EQ(request.path, "/stats");
  parse_request_head("GET http://host HTTP/1.1\r\n\r\n", request);
  EXPECT_EQ(request.path, "/");
  parse_request_head("OPTIONS * HTTP/1.1\r\n\r\n", request);
  EXPECT_EQ(request.path, "*");
}

TEST(ParseRequestHead, RefusesMalformedRequestLines) {
  for (const char* line :
       {"", "GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/11", "GET / http/1.1",
        "G<T / HTTP/1.1", "GET * HTTP/1.1", "GET a HTTP/1.1", "GET /% HTTP/1.1", "GET /%4 HTTP/1.1",
        "GET /%zz HTTP/1.1", "GET /%00 HTTP/1.1", "GET /?a=%00 HTTP/1.1", "GET /a#b HTTP/1.1",
        "GET /\xc3\xa9 HTTP/1.1", "GET /a\tb HTTP/1.1", "GET / HTTP/1.x"}) {
    EXPECT_EQ(status_of_head(line), 400) << line;
  }
  EXPECT_EQ(status_of_head("GET / HTTP/2.0"), 505);
  EXPECT_EQ(status_of_head("GET / HTTP/0.9"), 505);
}

TEST(ParseRequestHead, RefusesAmbiguousBodies) {
  EXPECT_EQ(status_of_field("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400);
  EXPECT_EQ(status_of_field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(status_of_head("POST / HTTP/1.0\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(status_of_field("Transfer-Encoding: chunked, chunked"), 501);
  EXPECT_EQ(status_of_field("Transfer-Encoding: chunked;a=b"), 501);
  EXPECT_EQ(status_of_field("Transfer-Encoding: identity"), 501);
  EXPECT_EQ(status_of_field("Authorization: Bearer a\r\nAuthorization: Bearer b"), 400);
  EXPECT_EQ(status_of_field("Transfer-Encoding: gzip, chunked"), 501);
  EXPECT_EQ(status_of_field("Content-Length: 5\r\nContent-Length: 6"), 400);
  EXPECT_EQ(status_of_field("Content-Length: +5"), 400);
  EXPECT_EQ(status_of_field("Host: a\r\nHost: b"), 400);
  EXPECT_EQ(status_of_field("Expect: the unexpected"), 417);
}

TEST(ParseRequestHead, KnowsABodyInChunks) {
  EXPECT_TRUE(framing_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked").is_chunked);
  EXPECT_TRUE(framing_of("POST / HTTP/1.1\r\ntransfer-encoding: Chunked").is_chunked);
  EXPECT_FALSE(framing_of("POST / HTTP/1.1\r\nContent-Length: 5").is_chunked);
}

TEST(ParseRequestHead, RefusesAHostThatIsNone) {
  for (const char* host : {"a b", "a/b", "user@a", "a:b", "a:65536", "[::1", "\"a\"", "http://a",
                           "a\\b", "::1", ":80", "a:80:80", "<a>", "\xc3\xa9"}) {
    EXPECT_EQ(status_of_field(std::string("Host: ") + host), 400) << host;
  }
  for (const char* host : {"", "a", "a.b:80", "[::1]:80", "127.0.0.1", "a:"}) {
    EXPECT_EQ(status_of_field(std::string("Host: ") + host), 200) << host;
  }
}

TEST(ParseRequestHead, RefusesATargetWithoutItsHost) {
  for (const char* target : {"http:///health", "http://", "http://?x", "http://user@a/",
                             "http://a b/", "http://:80/", "http://[::1/", "http://a:x/"}) {
    EXPECT_EQ(status_of_head("GET " + std::string(target) + " HTTP/1.1"), 400) << target;
  }
}

TEST(ParseRequestHead, KnowsWhichHostWasAsked) {
  Request request;
  request.authority = "left over";
  parse_request_head("GET / HTTP/1.1\r\n\r\n", request);
  EXPECT_EQ(request.authority, "");
  parse_request_head("GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", request);
  EXPECT_EQ(request.authority, "a:80");
  parse_request_head("GET http://b?x HTTP/1.1\r\nHost: a:80\r\n\r\n", request);
  EXPECT_EQ(request.authority, "b");
  EXPECT_EQ(request.path, "/");
}

TEST(ParseRequestHead, RefusesASecondFieldOfWhatHasOneValue) {
  for (const char* field : {"Host: a", "Origin: http://a", "Referer: http://a", "Content-Type: a/b",
                            "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13",
                            "Sec-Fetch-Site: none", "Expect: 100-continue"}) {
    EXPECT_EQ(status_of_field(field), 200) << field;
    EXPECT_EQ(status_of_field(std::string(field) + "\r\n" + field), 400) << field;
  }
  EXPECT_EQ(status_of_field("Accept: a\r\nAccept: b"), 200);
}

TEST(ParseRequestHead, RefusesEncodedControlsAndWhatIsNotUtf8) {
  for (const char* target : {"/%01", "/%0a", "/%1F", "/%7f", "/%ff", "/%C3", "/%C0%AF",
                             "/%ED%A0%80", "/?%ff=a", "/?a=%C3%28"}) {
    EXPECT_EQ(status_of_head("GET " + std::string(target) + " HTTP/1.1"), 400) << target;
  }
  Request request;
  // Text of a form may have lines.
  parse_request_head("GET /?a=%0d%0A HTTP/1.1\r\n\r\n", request);
  EXPECT_EQ(request.parameter("a"), "\r\n");
  parse_request_head("GET /%C3%A9?a=%E2%82%AC HTTP/1.1\r\n\r\n", request);
  EXPECT_EQ(request.path, "/\u00e9");
  EXPECT_EQ(request.parameter("a"), "\u20ac");
}

TEST(ParseRequestHead, BoundsTheQuery) {
  std::string query = "a=b";
  for (int i = 1; i < 100; ++i) query += "&a";
  EXPECT_EQ(status_of_head("GET /?" + query + " HTTP/1.1"), 200);
  EXPECT_EQ(status_of_head("GET /?" + query + "&a HTTP/1.1"), 400);
}

TEST(ParseRequestHead, KeepsNoMemoryOfLargeFields) {
  Request request;
  std::string small;
  for (int i = 0; i < 100; ++i) small += "X: y\r\n";
  for (int i = 0; i < 100; ++i) {
    std::string fields = small;
    fields.insert(static_cast<std::size_t>(i) * 6 + 3, std::string(10'000, 'x'));
    parse_request_head("GET / HTTP/1.1\r\n" + fields + "\r\n", request);
  }
  std::size_t kept = 0;
  for (const auto& [name, value] : request.headers) kept += name.capacity() + value.capacity();
  EXPECT_LT(kept, 100'000U);
}

TEST(ParseRequestHead, KnowsWhetherTheConnectionStays) {
  EXPECT_TRUE(framing_of("GET / HTTP/1.1").keep_alive);
  EXPECT_FALSE(framing_of("GET / HTTP/1.1\r\nconnection: Close").keep_alive);
  EXPECT_FALSE(framing_of("GET / HTTP/1.1\r\nConnection: keep-alive, close").keep_alive);
  EXPECT_FALSE(framing_of("GET / HTTP/1.0").keep_alive);
  EXPECT_TRUE(framing_of("GET / HTTP/1.0\r\nConnection: Keep-Alive").keep_alive);
}

TEST(ParseRequestHead, TakesExpectFromHttp11Only) {
  EXPECT_TRUE(framing_of("POST / HTTP/1.1\r\nExpect: 100-Continue").expects_continue);
  EXPECT_FALSE(framing_of("POST / HTTP/1.0\r\nExpect: 100-continue").expects_continue);
}

}  // namespace
}  // namespace enxame::http
