#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/message.h"

namespace enxame::http {

/// How a request's body is delimited, and what its sender expects of the connection.
struct Framing {
  std::size_t content_length = 0;  ///< 0 when the head announces no body (RFC 9112, section 6.3)
  bool is_chunked = false;         ///< the body comes in chunks, of a length that they say
  bool keep_alive = true;          ///< the connection stays open after the answer
  bool is_http_1_0 = false;
  bool expects_continue = false;  ///< the client waits for "100 Continue" before it sends the body
};

enum class Decode {
  path,  ///< %2F stays as it is: it is part of a name and separates nothing; no control characters
  form,  ///< `+` is a space
};

/// Decodes %XX. Throws Error 400 for a % that two hexadecimal digits do not follow, for %00 and for
/// what is not UTF-8.
std::string percent_decode(std::string_view text, Decode how);

/// Reads a request's head (as find_head_end() delimits it) into `request`, whose storage it uses
/// again; leaves the body alone.
///
/// Strict where a lax reading lets two readers see different requests (RFC 9112, section 11.2): one
/// Content-Length of digits only, or else "Transfer-Encoding: chunked" and no other coding, no
/// folded lines, no white space before a colon, no second field of those that have one value. Lax
/// in one place: Host may be missing, because clients of the original system do not all send it.
/// Throws Error with the status to answer.
Framing parse_request_head(std::string_view head, Request& request);

}  // namespace enxame::http
