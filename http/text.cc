#include "http/text.h"

#include "json/utf8.h"

namespace enxame::http {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// C0, DEL and, of more bytes, C1.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = json::utf8_length(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string log_text(std::string_view text, std::size_t max_bytes) {
  const bool is_cut = text.size() > max_bytes;
  std::string_view left = json::utf8_prefix(text, max_bytes);
  std::string line;
  while (!left.empty()) {
    const std::size_t bytes = json::utf8_length(left);
    const std::string_view character = left.substr(0, bytes == 0 ? 1 : bytes);
    if (bytes == 0 || character == "\\" || is_control(character)) {
      for (const char c : character) {
        const auto byte = static_cast<unsigned char>(c);
        line += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      }
    } else {
      line += character;
    }
    left.remove_prefix(character.size());
  }
  return is_cut ? line + "…" : line;
}

}  // namespace enxame::http
