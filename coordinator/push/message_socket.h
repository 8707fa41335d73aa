#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "http/websocket/websocket.h"
#include "matmul/matrix.h"
#include "wire/message.h"

namespace enxame::coordinator {

// Messages of wire/message.h over a WebSocket, each of them one binary message of it. They are
// read piece by piece to where they shall lie, and sent from where they are. Whatever is no such
// message is a http::WebSocketError (policy).

/// Reads the header of the message that has begun.
wire::MessageHeader read_message_header(http::WebSocket& socket);

/// The error of a peer that sends something in place of what was expected of it.
http::WebSocketError unexpected(const wire::MessageHeader& header, std::string_view expected);

/// Reads a part of the payload that has a fixed size.
template <std::size_t Size>
std::array<char, Size> read_block(http::WebSocket& socket) {
  std::array<char, Size> block;
  socket.read_exactly(block.data(), block.size());
  return block;
}

/// Reads what is left of the payload, `bytes`, with which the message has to end. Memory is taken
/// as bytes arrive.
std::string read_payload(http::WebSocket& socket, std::size_t bytes);

/// Reads one frame of f64 straight into a matrix. Throws FrameError for anything else.
Matrix read_matrix(http::WebSocket& socket);

/// The bytes of the payload that follow its first `head_bytes`.
std::size_t bytes_behind(const wire::MessageHeader& header, std::size_t head_bytes);

/// Sends one message whose payload consists of `pieces`. Returns its size.
std::size_t send_message(http::WebSocket& socket, wire::MessageKind kind, std::uint64_t call_id,
                         std::initializer_list<std::string_view> pieces);

/// Bytes that were made in order to be sent: while they live they count among the server's answers.
class SentCopy {
 public:
  /// Waits for room as bodies do. Throws http::WebSocketError (try_again_later) when there is none.
  SentCopy(http::WebSocket& socket, std::string bytes);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::optional<net::Budget::Share> share_;
};

template <std::size_t Size>
std::string_view view(const std::array<char, Size>& block) {
  return {block.data(), block.size()};
}

}  // namespace enxame::coordinator
