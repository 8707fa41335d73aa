// Bodies in chunks over sockets: the limits and deadlines of bodies that say their length hold.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <sstream>
#include <string>
#include <thread>

#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;
constexpr std::string_view kHead = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

Response echo_body(Request& request) { return {.body = request.body}; }

Response count_body(Request& request) { return {.body = std::to_string(request.body.size())}; }

ServerOptions unlogged(ServerOptions options = {}) {
  options.log = [](std::string_view) {};
  return options;
}

std::string chunk(const std::string& data) {
  std::ostringstream size;
  size << std::hex << data.size();
  return size.str() + "\r\n" + data + "\r\n";
}

class ServerChunked : public ::testing::Test {
 protected:
  Server server_{unlogged(), echo_body};
  RawPeer peer_{server_.port()};

  std::string ask(const std::string& request) {
    peer_.send(request);
    return peer_.receive_answer();
  }
};

TEST_F(ServerChunked, AreBodiesLikeAnyOther) {
  const std::string head(kHead);
  EXPECT_EQ(body_of(ask(head + "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")), "hello!");
  EXPECT_EQ(body_of(ask(head + "0\r\n\r\n")), "");
  EXPECT_EQ(body_of(ask("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")), "hi");
}

TEST_F(ServerChunked, ComeInAnyPiecesAndEndWhereTheNextRequestBegins) {
  const std::string request =
      std::string(kHead) + "5;a=b\r\nhello\r\n0\r\nDigest: x\r\n\r\nGET / HTTP/1.1\r\n\r\n";
  for (const char byte : request) peer_.send({&byte, 1});
  EXPECT_EQ(body_of(peer_.receive_answer()), "hello");
  EXPECT_EQ(status_of(peer_.receive_answer()), "200");
}

TEST_F(ServerChunked, AreInvitedByWhoeverWaitsForIt) {
  peer_.send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(peer_.receive_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(ask("5\r\nhello\r\n0\r\n\r\n")), "hello");
}

TEST_F(ServerChunked, CarryLargeBodies) {
  const std::string large(9'000'000, 'x');
  std::thread sender([&] {
    peer_.send(kHead);
    for (std::size_t at = 0; at < large.size(); at += 100'000) {
      peer_.send(chunk(large.substr(at, 100'000)));
    }
    peer_.send("0\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  });
  EXPECT_EQ(body_of(peer_.receive_answer()), large);
  EXPECT_EQ(status_of(peer_.receive_answer()), "200");
  sender.join();
}

TEST_F(ServerChunked, AreRefusedWhereTheyCannotBeDelimited) {
  const std::string hello = "5\r\nhello\r\n0\r\n\r\n";
  for (const auto& [request, status] : std::vector<std::pair<std::string, std::string>>{
           {std::string(kHead) + "5\r\nhello!\r\n0\r\n\r\n", "400"},
           {std::string(kHead) + "five\r\nhello\r\n0\r\n\r\n", "400"},
           {std::string(kHead) + "5\nhello\n0\n\n", "400"},
           {std::string(kHead) + "0\r\nno colon\r\n\r\n", "400"},
           {std::string(kHead) + "0\r\n" + std::string(20'000, 'x'), "431"},
           {"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + hello,
            "400"},
           {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
            "chunked\r\n\r\n" +
                hello,
            "400"},
           {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + hello, "400"},
           {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + hello, "501"},
           {"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\nhello", "501"},
           {"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n" + hello, "501"},
           {"POST / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n" + hello, "501"}}) {
    RawPeer peer(server_.port());
    peer.send(request);
    const std::string answer = peer.receive_all();
    EXPECT_EQ(status_of(answer), status) << request;
    EXPECT_THAT(answer, HasSubstr("Connection: close")) << request;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << request;
  }
}

TEST(ServerChunkedLimits, HoldAtAndBeyondTheLargestBody) {
  Server server(unlogged({.max_body_bytes = 100'000}), count_body);
  RawPeer peer(server.port());
  peer.send(std::string(kHead) + chunk(std::string(60'000, 'x')) + chunk(std::string(40'000, 'x')) +
            "0\r\n\r\n");
  EXPECT_EQ(body_of(peer.receive_answer()), "100000");
  peer.send(std::string(kHead) + chunk(std::string(60'000, 'x')) + chunk(std::string(40'001, 'x')) +
            "0\r\n\r\n");
  EXPECT_EQ(status_of(peer.receive_answer()), "413");
  // As soon as a size says so.
  for (const char* size : {"186a1", "ffffffffffffffff", "7fffffffffffffff"}) {
    RawPeer other(server.port());
    other.send(std::string(kHead) + size + "\r\n");
    EXPECT_EQ(status_of(other.receive_answer()), "413") << size;
  }
}

TEST(ServerChunkedLimits, AreNoProgressForFraming) {
  Server server(unlogged({.request_timeout = 500ms}), count_body);
  RawPeer peer(server.port());
  peer.send(kHead);
  std::promise<void> answered;
  // 22 bytes for each byte of data: more than the minimum rate in all, and less than it in data.
  std::thread sender([&, done = answered.get_future()] {
    std::string mostly_framing;
    for (int i = 0; i < 4; ++i) mostly_framing += "1;" + std::string(15, 'x') + "\r\nx\r\n";
    try {
      while (done.wait_for(1ms) == std::future_status::timeout) peer.send(mostly_framing);
    } catch (const Poco::Exception&) {
      // Refused while it was still sending.
    }
  });
  EXPECT_EQ(status_of(peer.receive_answer()), "408");
  answered.set_value();
  sender.join();
}

TEST(ServerChunkedLimits, CountAmongAllBodies) {
  Server server(unlogged({.max_in_flight_bytes = 600'000}), count_body);
  RawPeer stalled(server.port());
  stalled.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 500000\r\n\r\n");
  // It is invited when it has its room, which it loses to whom it keeps waiting.
  EXPECT_EQ(status_of(stalled.receive_answer()), "100");
  RawPeer honest(server.port());
  honest.send(std::string(kHead) + chunk(std::string(500'000, 'x')) + "0\r\n\r\n");
  EXPECT_EQ(body_of(honest.receive_answer()), "500000");
  EXPECT_EQ(status_of(stalled.receive_answer()), "503");
}

TEST(ServerChunkedLimits, LetABodyHaveAllOfTheRoom) {
  Server server(unlogged({.max_in_flight_bytes = 4 * kMebibyte}), count_body);
  RawPeer peer(server.port());
  std::thread sender([&] {
    peer.send(kHead);
    for (int i = 0; i < 64; ++i) peer.send(chunk(std::string(kMebibyte / 16, 'x')));
    peer.send("0\r\n\r\n");
  });
  EXPECT_EQ(body_of(peer.receive_answer()), std::to_string(4 * kMebibyte));
  sender.join();
}

}  // namespace
}  // namespace enxame::http
