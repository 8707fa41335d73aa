// Broken and hostile requests: each is refused with the status that says what is wrong, and whoever
// comes next is served.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/server/server.h"
#include "http/test/raw_peer.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using namespace std::string_literals;

struct Hostile {
  std::string request;
  std::string status;
};

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// A request line, without fields.
Hostile line(const std::string& text, const std::string& status = "400") {
  return {text + "\r\n\r\n", status};
}

/// A request with these fields, and what comes behind them.
Hostile fields(const std::string& lines, const std::string& status = "400",
               const std::string& body = "") {
  return {"POST /good HTTP/1.1\r\n" + lines + "\r\n\r\n" + body, status};
}

/// A body in chunks.
Hostile chunks(const std::string& body, const std::string& status = "400") {
  return fields("Transfer-Encoding: chunked", status, body);
}

Hostile handshake(const std::string& lines, const std::string& status = "400") {
  return {"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + lines + "\r\n\r\n",
          status};
}

const std::vector<Hostile> kNoRequestLines{
    line(""s + '\0'),
    line("GET /\0 HTTP/1.1"s),
    line("nonsense"),
    line("GET /good"),  // HTTP/0.9
    line("GET"),
    {"GET /good HTTP/1.1\n\n", "400"},
    {"GET /good HTTP/1.1\r\r\n\r\n", "400"},
    {"\n", "400"},
    line("GET  /good HTTP/1.1"),
    line("GET /good  HTTP/1.1"),
    line("GET /good HTTP/1.1 "),
    line(" GET /good HTTP/1.1"),
    line("GET\t/good HTTP/1.1"),
    line("G\x7fT /good HTTP/1.1"),
    line("GET /good HTTP/1."),
    line("GET /good HTTP/1.1.1"),
    line("GET /good http/1.1"),
    line("GET /good ICY/1.1"),
    line("GET /good HTTP/2.0", "505"),
    line("GET /good HTTP/0.9", "505"),
    line("PRI * HTTP/2.0\r\n\r\nSM", "505"),
    line("SSH-2.0-OpenSSH_9.2"),
    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, "400"},  // TLS
    line("*1\r\n$4\r\nPING"),                                  // Redis
    line("GET /" + times(9'000, "a") + " HTTP/1.1", "414"),
    {times(9'000, "a"), "414"},
};

const std::vector<Hostile> kNoTargets{
    line("GET good HTTP/1.1"),
    line("GET * HTTP/1.1"),
    line("GET /%zz HTTP/1.1"),
    line("GET /%4 HTTP/1.1"),
    line("GET /%00 HTTP/1.1"),
    line("GET /%0d%0aSet-Cookie:a HTTP/1.1"),
    line("GET /%c0%af HTTP/1.1"),
    line("GET /?a=%00 HTTP/1.1"),
    line("GET /?" + times(101, "a&") + " HTTP/1.1"),
    line("GET /good#fragment HTTP/1.1"),
    line("GET /\xc3\xa9 HTTP/1.1"),
    line("GET http:// HTTP/1.1"),
    line("GET http://localhost:99999/ HTTP/1.1"),
    line("GET http://user@localhost/ HTTP/1.1"),
    line("GET https://localhost/ HTTP/1.1"),
    line("GET http://evil.example/ HTTP/1.1", "421"),
    line("CONNECT evil.example:443 HTTP/1.1"),
};

const std::vector<Hostile> kNoFields{
    fields("no colon"),
    fields(": no name"),
    fields("A B: c"),
    fields("A : b"),
    fields(" A: b"),
    fields("A: b\r\n folded"),
    fields("A: \x01"),
    fields("A: \x7f"),
    fields("A: b\rC: d"),
    fields("A: b\nC: d"),
    fields("A: \0"s),
    fields("A: " + times(17'000, "a"), "431"),
    fields(times(100, "A: b\r\n") + "A: b", "431"),
    fields("Host: a b"),
    fields("Host: localhost/"),
    fields("Host: localhost:99999"),
    fields("Host: [::1"),
    fields("Host: localhost\r\nHost: localhost"),
    fields("Host: evil.example", "421"),
    fields("Host: 10.0.0.7", "421"),
    fields("Origin: http://evil.example", "403"),
    fields("Origin: null", "403"),
    fields("Origin: http://localhost\r\nOrigin: http://evil.example"),
    fields("Referer: http://evil.example/", "403"),
    fields("Host: localhost\r\nSec-Fetch-Site: cross-site", "403"),
    fields("Expect: a miracle", "417"),
    fields("Expect: 100-continue\r\nExpect: 100-continue"),
    fields("Authorization: Bearer a\r\nAuthorization: Bearer b"),
};

const std::vector<Hostile> kNoBodies{
    fields("Content-Length: -1"),
    fields("Content-Length: +5"),
    fields("Content-Length: 5 5"),
    fields("Content-Length: 5, 5"),
    fields("Content-Length: 0x5"),
    fields("Content-Length:"),
    fields("Content-Length : 5"),
    fields("Content-Length: 5\r\nContent-Length: 5"),
    fields("Content-Length: 5\r\nContent-Length: 6"),
    fields("Content-Length: 99999999999999999999", "413"),
    fields("Content-Length: 100001", "413"),
    fields("Content-Length: 5\r\nTransfer-Encoding: chunked", "400", "0\r\n\r\n"),
    fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "400", "0\r\n\r\n"),
    fields("Transfer-Encoding: \x0b"
           "chunked"),
    fields("Transfer-Encoding: gzip, chunked", "501", "0\r\n\r\n"),
    fields("Transfer-Encoding: chunked, identity", "501", "0\r\n\r\n"),
    fields("Transfer-Encoding: \"chunked\"", "501", "0\r\n\r\n"),
    {"POST /good HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
    chunks("\r\n"),
    chunks("five\r\nhello\r\n"),
    chunks("-5\r\nhello\r\n"),
    chunks("0x5\r\nhello\r\n"),
    chunks(" 5\r\nhello\r\n"),
    chunks("5 \r\nhello\r\n"),
    chunks("5\nhello\n"),
    chunks("5\r\nhello!\r\n"),
    chunks("5\r\nhello\n"),
    chunks("5;a=\x01\r\nhello\r\n"),
    chunks("186a1\r\n", "413"),
    chunks("ffffffffffffffff\r\n", "413"),
    chunks("10000000000000000\r\n"),
    chunks("5;" + times(2'000, "a")),
    chunks(times(100, "1;" + times(1'000, "a") + "\r\nx\r\n")),
    chunks("0\r\n" + times(101, "A: b\r\n"), "431"),
    chunks("0\r\nA: " + times(17'000, "a"), "431"),
    chunks("0\r\nno colon\r\n"),
    chunks("0\r\nA: b\r\n folded\r\n"),
};

const std::vector<Hostile> kNoHandshakes{
    handshake("Sec-WebSocket-Version: 13"),
    handshake("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short"),
    handshake("Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "426"),
    handshake("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="),
    handshake("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Origin: https://evil.example",
              "403"),
    {"GET /ws HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
     "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
     "400"},
};

class ServerUnderAttack : public ::testing::TestWithParam<const std::vector<Hostile>*> {
 protected:
  std::string status_after(const std::string& request) {
    RawPeer peer(server_.port());
    peer.send(request);
    return status_of(peer.receive_answer());
  }

  Server server_{{.max_body_bytes = 100'000, .log = [](std::string_view) {}}, [](Request& request) {
                   if (request.path == "/ws") return websocket_answer(request, [](WebSocket&) {});
                   return Response{.status = request.path == "/good" ? 200 : 404};
                 }};
};

TEST_P(ServerUnderAttack, RefusesWhatIsNoRequestAndServesTheNextOne) {
  for (const auto& [request, status] : *GetParam()) {
    EXPECT_EQ(status_after(request), status) << ::testing::PrintToString(request.substr(0, 200));
    ASSERT_EQ(status_after("POST /good HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"),
              "200")
        << "after " << ::testing::PrintToString(request.substr(0, 200));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, ServerUnderAttack,
                         ::testing::Values(&kNoRequestLines, &kNoTargets, &kNoFields, &kNoBodies,
                                           &kNoHandshakes));

}  // namespace
}  // namespace enxame::http
