#include "http/websocket/websocket_frame.h"

#include <bit>
#include <cstring>

#include "http/text.h"

namespace enxame::http {

namespace {

constexpr unsigned kFinalBit = 0x80;
constexpr unsigned kReservedBits = 0x70;
constexpr unsigned kOpcodeBits = 0x0f;
constexpr unsigned kMaskBit = 0x80;
constexpr unsigned kLengthBits = 0x7f;
constexpr unsigned kLength16 = 126;
constexpr unsigned kLength64 = 127;

unsigned byte_at(std::string_view bytes, std::size_t offset) {
  return static_cast<unsigned char>(bytes[offset]);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

[[noreturn]] void refuse(const std::string& what) {
  throw WebSocketError(CloseCode::protocol_error, what);
}

Opcode parse_opcode(unsigned first) {
  if ((first & kReservedBits) != 0) refuse("a frame with reserved bits, expected none of them set");
  const unsigned opcode = first & kOpcodeBits;
  if (opcode > 10 || (opcode > 2 && opcode < 8)) {
    refuse("a frame of opcode " + std::to_string(opcode) + ", expected 0 to 2 or 8 to 10");
  }
  return static_cast<Opcode>(opcode);
}

void check_length(std::uint64_t length, std::uint64_t shortest) {
  if (length >= shortest && length <= std::uint64_t{INT64_MAX}) return;
  refuse("a frame's length, " + std::to_string(length) +
         ", is not in the shortest form or beyond 2^63 - 1");
}

void check_control(const FrameHead& head) {
  if (!head.is_final) refuse("a fragmented control frame, expected one piece");
  if (head.payload_bytes > kMaxControlBytes) {
    refuse("a control frame of " + std::to_string(head.payload_bytes) +
           " bytes, expected at most " + std::to_string(kMaxControlBytes));
  }
}

bool may_be_sent(std::uint16_t code) {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

std::optional<FrameHead> parse_frame_head(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  FrameHead head;
  head.opcode = parse_opcode(byte_at(bytes, 0));
  head.is_final = (byte_at(bytes, 0) & kFinalBit) != 0;
  const bool is_masked = (byte_at(bytes, 1) & kMaskBit) != 0;
  const unsigned short_length = byte_at(bytes, 1) & kLengthBits;
  const std::size_t length_bytes = short_length == kLength16   ? 2
                                   : short_length == kLength64 ? 8
                                                               : 0;
  const std::size_t mask_at = 2 + length_bytes;
  head.head_bytes = mask_at + (is_masked ? sizeof(MaskKey) : 0);
  if (bytes.size() < head.head_bytes) return std::nullopt;

  head.payload_bytes = short_length;
  if (length_bytes > 0) {
    head.payload_bytes = read_big_endian(bytes.substr(2, length_bytes));
    check_length(head.payload_bytes, length_bytes == 2 ? kLength16 : std::uint64_t{1} << 16);
  }
  if (is_masked) {
    head.mask.emplace();
    std::memcpy(head.mask->data(), bytes.data() + mask_at, sizeof(MaskKey));
  }
  if (is_control(head.opcode)) check_control(head);
  return head;
}

std::string_view write_frame_head(const FrameHead& head,
                                  std::array<char, kMaxFrameHeadBytes>& out) {
  std::size_t size = 0;
  const auto put = [&](std::uint64_t byte) { out[size++] = static_cast<char>(byte); };
  const unsigned mask_bit = head.mask ? kMaskBit : 0;
  put((head.is_final ? kFinalBit : 0U) | static_cast<unsigned>(head.opcode));
  int length_bytes = 0;
  if (head.payload_bytes < kLength16) {
    put(mask_bit | head.payload_bytes);
  } else if (head.payload_bytes < std::uint64_t{1} << 16) {
    put(mask_bit | kLength16);
    length_bytes = 2;
  } else {
    put(mask_bit | kLength64);
    length_bytes = 8;
  }
  for (int i = length_bytes - 1; i >= 0; --i) put(head.payload_bytes >> (8 * i) & 0xff);
  if (head.mask) {
    for (const char c : *head.mask) put(static_cast<unsigned char>(c));
  }
  return {out.data(), size};
}

void apply_mask(std::span<char> bytes, const MaskKey& mask, std::size_t offset) {
  MaskKey turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(offset + i) % mask.size()];
  const std::uint64_t twice = std::bit_cast<std::uint32_t>(turned) * std::uint64_t{0x1'0000'0001};
  // Words in a plain loop, which the compiler makes vectors of.
  const std::size_t words = bytes.size() / sizeof twice;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i * sizeof word, sizeof word);
    word ^= twice;
    std::memcpy(bytes.data() + i * sizeof word, &word, sizeof word);
  }
  for (std::size_t i = words * sizeof twice; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ turned[i % turned.size()]);
  }
}

CloseReason parse_close(std::string_view payload) {
  if (payload.empty()) return {};
  if (payload.size() == 1) refuse("a close frame of 1 byte, expected none or a code of 2");
  const auto code = static_cast<std::uint16_t>(read_big_endian(payload.substr(0, 2)));
  if (!may_be_sent(code)) {
    refuse("a close frame with code " + std::to_string(code) + ", which may not be sent");
  }
  const std::string_view reason = payload.substr(2);
  if (!is_utf8(reason)) {
    throw WebSocketError(CloseCode::invalid_data, "the reason of a close frame is not UTF-8");
  }
  return {code, std::string(reason)};
}

}  // namespace enxame::http
