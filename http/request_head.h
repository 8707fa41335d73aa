#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/server.h"

namespace enxame::http {

/// How a request's body is delimited, and what its sender expects of the connection.
struct Framing {
  std::size_t content_length = 0;  ///< 0 when the head announces no body (RFC 9112, section 6.3)
  bool keep_alive = true;          ///< the connection stays open after the answer
  bool is_http_1_0 = false;
  bool expects_continue = false;  ///< the client waits for "100 Continue" before it sends the body
};

/// Decodes %XX, and `+` as a space where `plus_is_space`. Throws Error 400 for a % that two
/// hexadecimal digits do not follow and for %00.
std::string percent_decode(std::string_view text, bool plus_is_space);

/// Reads a request's head (as find_head_end() delimits it) into `request`, whose storage it uses
/// again; leaves the body alone.
///
/// Strict where a lax reading lets two readers see different requests (RFC 9112, section 11.2): one
/// Content-Length of digits only, no Transfer-Encoding, no folded lines, no white space before a
/// colon. Lax in one place: Host may be missing, because clients of the original system do not all
/// send it and one server has one site. Throws Error with the status to answer.
Framing parse_request_head(std::string_view head, Request& request);

}  // namespace enxame::http
