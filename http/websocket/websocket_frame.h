#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/stream.h"

namespace enxame::http {

// Frames of RFC 6455, section 5: how a WebSocket's messages lie in the stream of bytes. Pure
// functions of bytes.

/// Why a WebSocket is closed (RFC 6455, section 7.4.1).
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,      ///< the program ends, or the page was left
  protocol_error = 1002,  ///< bytes that are no frame, or no frame that may stand there
  unsupported = 1003,     ///< text, where only binary messages are taken
  invalid_data = 1007,    ///< text that is not UTF-8
  policy = 1008,          ///< a frame like any other, whose content does not belong there
  too_big = 1009,
  internal = 1011,
  try_again_later = 1013,  ///< no room now
};

/// The peer broke the protocol. `code` is what the WebSocket is closed with, the message says what
/// came and what was expected.
class WebSocketError : public net::ConnectionError {
 public:
  WebSocketError(CloseCode code, const std::string& message)
      : net::ConnectionError(message), code_(code) {}
  CloseCode code() const { return code_; }

 private:
  CloseCode code_;
};

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Whether a frame of that kind may stand between those of a message.
constexpr bool is_control(Opcode opcode) { return opcode >= Opcode::close; }

using MaskKey = std::array<char, 4>;

/// What stands before a frame's payload.
struct FrameHead {
  Opcode opcode = Opcode::binary;
  bool is_final = true;  ///< the last one of its message
  std::optional<MaskKey> mask{};
  std::uint64_t payload_bytes = 0;
  std::size_t head_bytes = 0;  ///< of the head itself
};

inline constexpr std::size_t kMaxFrameHeadBytes = 14;

/// The most bytes that a control frame's payload may have.
inline constexpr std::size_t kMaxControlBytes = 125;

/// Reads the head that `bytes` start with; nothing while it is incomplete. Throws WebSocketError
/// for reserved bits and opcodes, a payload length that is not written in the shortest form or
/// exceeds 2^63 − 1, and a control frame that is fragmented or too long.
std::optional<FrameHead> parse_frame_head(std::string_view bytes);

/// Writes a head into `out` and returns what was written.
std::string_view write_frame_head(const FrameHead& head, std::array<char, kMaxFrameHeadBytes>& out);

/// Masks or unmasks bytes that begin `offset` bytes into their frame's payload.
void apply_mask(std::span<char> bytes, const MaskKey& mask, std::size_t offset);

/// What a close frame says.
struct CloseReason {
  std::uint16_t code = 1005;  ///< 1005: the frame did not say
  std::string text{};
};

/// Reads a close frame's payload. Throws WebSocketError for one byte, for a code that may not be
/// sent, and for a reason that is not UTF-8.
CloseReason parse_close(std::string_view payload);

}  // namespace enxame::http
