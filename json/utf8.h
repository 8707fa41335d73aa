#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace enxame::json {

/// The bytes of the UTF-8 character at the front of `bytes` (RFC 3629: no surrogates, nothing
/// overlong, nothing beyond U+10FFFF); 0 when there is none.
std::size_t utf8_length(std::string_view bytes);

/// Appends a code point, which is no surrogate.
void append_utf8(std::string& out, std::uint32_t code_point);

/// The longest beginning of `text` that has at most `max_bytes` and ends where a character does.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

/// `text` as a message quotes it: at most `max_bytes` of it, cut between characters, with "…" where
/// something was left out, and "?" for control characters, at one of which a message would end.
std::string quotable(std::string_view text, std::size_t max_bytes = 40);

}  // namespace enxame::json
