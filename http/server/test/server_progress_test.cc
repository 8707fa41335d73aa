// Deadlines are on progress: what is large and slow has its time, what stands still has none.

#include <Poco/Net/ServerSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "http/client/client.h"
#include "http/server/server.h"
#include "http/websocket/test/websocket_peer.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using namespace std::chrono_literals;

// What these tests move takes several times as long.
constexpr std::chrono::milliseconds kTimeout = 500ms;
constexpr int kSteps = 30;
constexpr std::chrono::milliseconds kStep = 50ms;

ServerOptions hurried() {
  return {.request_timeout = kTimeout, .log = [](std::string_view) {}};
}

/// Sends `bytes` a piece at a time.
void send_slowly(const std::function<void(std::string_view)>& send, std::string_view bytes) {
  const std::size_t piece = bytes.size() / kSteps;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    send(bytes.substr(0, piece));
    std::this_thread::sleep_for(kStep);
  }
}

Handler size_of_body() {
  return [](Request& request) { return Response{.body = std::to_string(request.body.size())}; };
}

TEST(Progress, ASlowBodyIsTaken) {
  Server server(hurried(), size_of_body());
  RawPeer peer(server.port());
  peer.send("POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n");
  send_slowly([&](std::string_view piece) { peer.send(piece); }, std::string(300'000, 'x'));
  EXPECT_EQ(body_of(peer.receive_answer()), "300000");
}

TEST(Progress, ABodyThatStandsStillIsNot) {
  Server server(hurried(), size_of_body());
  RawPeer peer(server.port());
  // Much and then nothing: what came quickly earns no more time than the timeout.
  peer.send("POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n" + std::string(2'999'999, 'x'));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of(peer.receive_answer()), "408");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

TEST(Progress, ASlowReaderGetsItsAnswerWhole) {
  std::promise<bool> report;
  Server server(hurried(), [&](Request&) {
    return Response{.body = std::string(std::size_t{12} << 20, 'x'),
                    .after_write = [&](bool written) { report.set_value(written); }};
  });
  RawPeer peer(server.port(), 64 * 1024);
  peer.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  auto written = report.get_future();
  while (written.wait_for(kStep) == std::future_status::timeout) peer.receive_bytes(128 * 1024);
  EXPECT_TRUE(written.get());
}

TEST(Progress, ASlowMessageIsTaken) {
  Server server(hurried(), [](Request& request) {
    return websocket_answer(request, [](WebSocket& socket) {
      socket.await();
      socket.send({std::to_string(socket.read_rest().size())});
    });
  });
  WebSocketPeer peer(server.port());
  send_slowly([&](std::string_view piece) { peer.send(piece); }, binary(std::string(300'000, 'x')));
  EXPECT_EQ(peer.receive().payload, "300000");
}

TEST(Progress, ASlowAnswerIsTakenByTheClient) {
  const std::string body(300'000, 'x');
  Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
  auto server = std::async(std::launch::async, [&] {
    RawPeer peer(listener.acceptConnection());
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n");
    send_slowly([&](std::string_view piece) { peer.send(piece); }, body);
  });
  Client client({"127.0.0.1", listener.address().port()}, {.timeout = kTimeout});
  EXPECT_EQ(client.send({}).body, body);
  server.get();
}

TEST(Progress, APeerThatIsStillTakingWhatWasSentIsNotGivenUp) {
  std::promise<std::string> ended;
  Server server({.ping_interval = 300ms, .log = [](std::string_view) {}}, [&](Request& request) {
    return websocket_answer(request, [&](WebSocket& socket) {
      const std::string much(std::size_t{4} << 20, 'x');
      socket.send({much});
      ended.set_value(socket.await() == WebSocket::Event::message ? socket.read_rest() : "closed");
    });
  });
  WebSocketPeer peer(server.port(), "/", 64 * 1024);
  // The ping comes behind the message, which takes longer to read than the ping's time.
  std::size_t left = std::size_t{4} << 20;
  peer.receive_head();
  for (; left > 0; left -= std::min<std::size_t>(left, 128 * 1024)) {
    peer.receive_bytes(std::min<std::size_t>(left, 128 * 1024));
    std::this_thread::sleep_for(kStep);
  }
  peer.send(binary("all"));
  EXPECT_EQ(ended.get_future().get(), "all");
}

}  // namespace
}  // namespace enxame::http
