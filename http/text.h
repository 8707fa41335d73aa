#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace enxame::http {

/// Whether `text` is UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// `text` as one line of a log, at most `max_bytes` of it: control characters, backslashes and what
/// is not UTF-8 are written as \xNN.
std::string log_text(std::string_view text, std::size_t max_bytes = 300);

}  // namespace enxame::http
