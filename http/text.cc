#include "http/text.h"

#include <Poco/UTF8Encoding.h>

#include <bit>

namespace enxame::http {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// The bytes of the character that `text` starts with; 0 when it starts with none.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  const int size = std::countl_one(lead);
  if (size < 2 || size > 4 || text.size() < static_cast<std::size_t>(size)) return 0;
  const bool is_legal =
      Poco::UTF8Encoding::isLegal(reinterpret_cast<const unsigned char*>(text.data()), size);
  return is_legal ? static_cast<std::size_t>(size) : 0;
}

/// C0, DEL and, of more bytes, C1.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string log_text(std::string_view text, std::size_t max_bytes) {
  const bool is_cut = text.size() > max_bytes;
  std::string_view left = utf8_prefix(text, max_bytes);
  std::string line;
  while (!left.empty()) {
    const std::size_t bytes = character_bytes(left);
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
