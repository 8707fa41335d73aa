#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

Response length_of_body(Request& request) {
  Response response;
  response.body = std::to_string(request.body.size());
  return response;
}

TEST(ServerLimits, RefusesABodyOverTheLimitSoThatTheSenderHearsOfIt) {
  Server server(ServerOptions{.max_body_bytes = std::size_t{16} << 20}, length_of_body);
  RawPeer peer(server.port());
  // The sender reads nothing before it has sent everything.
  const std::string body((std::size_t{16} << 20) + 1, 'x');
  peer.send("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  peer.send(std::string_view(body).substr(0, body.size() - 1));
  peer.end_sending();
  const std::string answer = peer.receive_all();
  EXPECT_EQ(status_of(answer), "413");
  EXPECT_THAT(body_of(answer), HasSubstr("at most 16777216"));
}

TEST(ServerLimits, TakesABodyAtTheLimit) {
  Server server(ServerOptions{.max_body_bytes = 10}, length_of_body);
  RawPeer peer(server.port());
  peer.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_EQ(body_of(peer.receive_answer()), "10");
}

TEST(ServerLimits, RefusesAnExpectedBodyBeforeItComes) {
  Server server(ServerOptions{.max_body_bytes = 10}, length_of_body);
  RawPeer peer(server.port());
  peer.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(status_of(peer.receive_answer()), "413");
}

TEST(ServerLimits, RefusesHeadsThatAreTooLong) {
  Server server({}, length_of_body);
  RawPeer long_line(server.port());
  long_line.send("GET /" + std::string(9'000, 'x'));
  EXPECT_EQ(status_of(long_line.receive_all()), "414");
  RawPeer long_field(server.port());
  long_field.send("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  EXPECT_EQ(status_of(long_field.receive_all()), "431");
  RawPeer many_fields(server.port());
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "X: y\r\n";
  many_fields.send("GET / HTTP/1.1\r\n" + fields + "\r\n");
  EXPECT_EQ(status_of(many_fields.receive_all()), "431");
}

/// Sends a byte every 20 ms until the server answers; returns the answer.
std::string trickle(Server& server, std::string_view start, char byte) {
  RawPeer peer(server.port());
  peer.send(start);
  std::atomic<bool> answered = false;
  std::thread sender([&] {
    try {
      while (!answered) {
        peer.send({&byte, 1});
        std::this_thread::sleep_for(milliseconds(20));
      }
    } catch (const Poco::Exception&) {
      // The server has closed the connection; what it said before is what counts.
    }
  });
  std::string answer = peer.receive_answer();
  answered = true;
  sender.join();
  return answer;
}

TEST(ServerLimits, GivesARequestADeadlineAsAWhole) {
  Server server(ServerOptions{.request_timeout = milliseconds(200)}, length_of_body);
  EXPECT_EQ(status_of(trickle(server, "GET / HTTP/1.1\r\nX: ", 'x')), "408");
  EXPECT_EQ(status_of(trickle(server, "POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n", 'x')),
            "408");
}

TEST(ServerLimits, GivesUpOnAPeerThatDoesNotRead) {
  std::promise<bool> report;
  Server server(ServerOptions{.request_timeout = milliseconds(200)}, [&](Request&) {
    Response response;
    response.body.assign(std::size_t{64} << 20, 'x');
    response.after_write = [&](bool written) { report.set_value(written); };
    return response;
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(report.get_future().get());
}

TEST(ServerLimits, EndsIdleConnections) {
  Server server(ServerOptions{.keep_alive_timeout = milliseconds(100)}, length_of_body);
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  peer.receive_answer();
  EXPECT_TRUE(peer.ends());
}

}  // namespace
}  // namespace enxame::http
