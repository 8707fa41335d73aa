#include <gtest/gtest.h>

#include <string>

#include "coordinator/push/message_socket.h"
#include "http/server/server.h"
#include "http/websocket/test/websocket_peer.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::coordinator {
namespace {

/// The code with which a server closes whose answers may have 200 KiB together, when a copy of
/// `bytes` is made to be sent.
std::uint16_t close_code(std::size_t bytes) {
  http::Server server({.max_in_flight_bytes = 200 * 1024}, [&](http::Request& request) {
    return http::websocket_answer(
        request, [&](http::WebSocket& socket) { SentCopy(socket, std::string(bytes, 'x')); });
  });
  http::WebSocketPeer peer(server.port());
  return peer.receive_close();
}

TEST(SentCopyTest, CountsAmongTheAnswersOfTheServer) {
  EXPECT_EQ(close_code(150 * 1024), static_cast<std::uint16_t>(http::CloseCode::normal));
  EXPECT_EQ(close_code(300 * 1024), static_cast<std::uint16_t>(http::CloseCode::try_again_later));
}

}  // namespace
}  // namespace enxame::coordinator
