#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace enxame::http {

/// The most bytes that a request line or a status line may have.
inline constexpr std::size_t kMaxStartLineBytes = 8 * 1024;

/// The most bytes that a message's head (start line and header fields) may have.
inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;

/// The most header fields that a message may have.
inline constexpr std::size_t kMaxFields = 100;

/// Whether two field names or tokens are the same but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Whether `text` is a token (RFC 9110, section 5.6.2): method names, field names.
bool is_token(std::string_view text);

/// Whether `text` may be a field's value: no control characters but tabs.
bool is_field_value(std::string_view text);

/// The value of the first field of that name (case-insensitive), empty when there is none.
std::string_view find_field(const Headers& fields, std::string_view name);

/// Whether a list-valued field (`Connection`, `Accept`) names `item`, in any case, with or without
/// parameters.
bool lists(std::string_view field_value, std::string_view item);

/// The same of all the fields of that name.
bool lists(const Headers& fields, std::string_view name, std::string_view item);

/// Whether a field of entity tags (`If-None-Match`: "*" or a list) names `tag`, which is strong, in
/// the weak comparison (RFC 9110, sections 8.8.3.2 and 13.1.2).
bool names_tag(const Headers& fields, std::string_view name, std::string_view tag);

/// The length of the message head that `bytes` start with, the empty line included; nothing while
/// it is incomplete. Throws Error as soon as the bytes cannot become a head: NUL, a line that ends
/// without CR (400), a start line (414) or a head (431) that is too long.
std::optional<std::size_t> find_head_end(std::string_view bytes);

/// Takes one line off the front of `head`, without its CRLF.
std::string_view take_line(std::string_view& head);

/// Reads the field lines of a head, up to and with the empty line, into `fields`, whose storage it
/// uses again. Throws Error: 400 for a malformed line, 431 for too many.
void parse_fields(std::string_view lines, Headers& fields);

/// The value of Content-Length, nothing when there is none. Throws Error 400 unless it is digits
/// only and given once, 413 when it exceeds 2^63 − 1.
std::optional<std::size_t> content_length(const Headers& fields);

}  // namespace enxame::http
