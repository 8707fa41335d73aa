#include "http/client/websocket_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "http/server/server.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

Origin origin_of(const Server& server) { return {"127.0.0.1", server.port()}; }

Handler echo_handler() {
  return [](Request& request) {
    return websocket_answer(request, [](WebSocket& socket) {
      while (socket.await() == WebSocket::Event::message) {
        const std::string message = socket.read_rest();
        socket.send({message});
      }
    });
  };
}

TEST(WebSocketClient, SpeaksWithTheServer) {
  Server server({}, echo_handler());
  WebSocketClient client(origin_of(server), "/", {});
  for (const std::size_t size : {0u, 5u, 126u, 131'072u - 14u, 131'072u, 500'000u}) {
    std::string message(size, '\0');
    for (std::size_t i = 0; i < size; ++i) message[i] = static_cast<char>(i * 11);
    client.socket().send({message.substr(0, size / 3), std::string_view(message).substr(size / 3)});
    ASSERT_EQ(client.socket().await(), WebSocket::Event::message);
    EXPECT_EQ(client.socket().read_rest(), message);
  }
}

TEST(WebSocketClient, HearsThatTheServerCloses) {
  Server server({}, [](Request& request) {
    return websocket_answer(request,
                            [](WebSocket& socket) { socket.close(CloseCode::policy, "not you"); });
  });
  WebSocketClient client(origin_of(server), "/", {});
  EXPECT_EQ(client.socket().await(), WebSocket::Event::closed);
  EXPECT_EQ(client.socket().peer_close()->code, 1008);
  EXPECT_EQ(client.socket().peer_close()->text, "not you");
  EXPECT_FALSE(client.socket().still_there());
}

TEST(WebSocketClient, ClosesFirst) {
  std::promise<WebSocket::Event> seen;
  Server server({}, [&](Request& request) {
    return websocket_answer(request, [&](WebSocket& socket) { seen.set_value(socket.await()); });
  });
  WebSocketClient client(origin_of(server), "/", {});
  client.socket().close(CloseCode::normal);
  EXPECT_EQ(client.socket().peer_close()->code, 1000);
  EXPECT_EQ(seen.get_future().get(), WebSocket::Event::closed);
}

TEST(WebSocketClient, CanBeWokenAndHasItsPatience) {
  Server server({}, echo_handler());
  WebSocketClient client(origin_of(server), "/", {});
  EXPECT_EQ(client.socket().await(std::chrono::steady_clock::now() + milliseconds(10)),
            WebSocket::Event::silence);
  auto waiting = std::async(std::launch::async, [&] { return client.socket().await(); });
  client.wake();
  EXPECT_EQ(waiting.get(), WebSocket::Event::woken);
  EXPECT_EQ(client.socket().await(), WebSocket::Event::woken);
}

TEST(WebSocketClient, SaysWhoRefusedAndHow) {
  const auto failure = [](const Origin& origin) -> std::string {
    try {
      WebSocketClient client(origin, "/ws?role=client", {});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no failure";
  };
  Server server({}, [](Request&) -> Response { throw Error(404, "no such place"); });
  EXPECT_THAT(failure(origin_of(server)),
              AllOf(HasSubstr("http://127.0.0.1:"), HasSubstr("/ws?role=client"),
                    HasSubstr("404 Not Found"), HasSubstr("no such place")));
  EXPECT_THAT(failure({"127.0.0.1", 1}), HasSubstr("refused"));
  Server liar({}, [](Request& request) {
    Response response = websocket_answer(request, [](WebSocket&) {});
    response.headers.back().second = "bm90IHRoZSByaWdodCBhbnN3ZXI=";
    return response;
  });
  EXPECT_THAT(failure(origin_of(liar)), HasSubstr("Sec-WebSocket-Accept is"));
}

}  // namespace
}  // namespace enxame::http
