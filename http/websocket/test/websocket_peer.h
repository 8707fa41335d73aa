#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/test/raw_peer.h"
#include "http/websocket/websocket_frame.h"

namespace enxame::http {

/// A frame as a client sends it, or not: everything can be set wrong.
inline std::string frame(Opcode opcode, std::string payload, bool is_final = true,
                         std::optional<MaskKey> mask = MaskKey{'\x12', '\x34', '\x56', '\x78'}) {
  std::array<char, kMaxFrameHeadBytes> head;
  std::string bytes(write_frame_head(
      {.opcode = opcode, .is_final = is_final, .mask = mask, .payload_bytes = payload.size()},
      head));
  if (mask) apply_mask(payload, *mask, 0);
  return bytes + payload;
}

inline std::string binary(const std::string& payload) { return frame(Opcode::binary, payload); }

/// A client whose frames a test makes by hand.
class WebSocketPeer {
 public:
  struct Received {
    FrameHead head;
    std::string payload;
  };

  explicit WebSocketPeer(std::uint16_t port, const std::string& target = "/")
      : WebSocketPeer(RawPeer(port), target) {}
  WebSocketPeer(std::uint16_t port, const std::string& target, int receive_buffer_bytes)
      : WebSocketPeer(RawPeer(port, receive_buffer_bytes), target) {}
  WebSocketPeer(RawPeer peer, const std::string& target) : peer_(std::move(peer)) {
    peer_.send("GET " + target +
               " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    answer_ = peer_.receive_answer();
  }

  /// What the server answered to the handshake.
  const std::string& answer() const { return answer_; }

  void send(std::string_view bytes) { peer_.send(bytes); }

  Received receive() {
    const FrameHead head = receive_head();
    return {head, peer_.receive_bytes(static_cast<std::size_t>(head.payload_bytes))};
  }

  FrameHead receive_head() {
    std::string bytes;
    for (;;) {
      if (const auto head = parse_frame_head(bytes)) return *head;
      bytes += peer_.receive_bytes(1);
    }
  }
  std::string receive_bytes(std::size_t count) { return peer_.receive_bytes(count); }

  /// The code of the close frame that comes next.
  std::uint16_t receive_close() {
    const Received received = receive();
    if (received.head.opcode != Opcode::close) throw std::runtime_error("no close frame came");
    close_text_ = parse_close(received.payload).text;
    return parse_close(received.payload).code;
  }
  const std::string& close_text() const { return close_text_; }

  /// Whether the server ends the connection without another word.
  bool ends() { return peer_.ends(); }
  void end_sending() { peer_.end_sending(); }
  void close() { peer_.close(); }

 private:
  RawPeer peer_;
  std::string answer_;
  std::string close_text_;
};

}  // namespace enxame::http
