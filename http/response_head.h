#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/request_head.h"

namespace enxame::http {

/// "OK" for 200; "Unknown" for a status that has no name here.
std::string_view reason_phrase(int status);

/// Whether an answer of that status may carry a body and a Content-Length (RFC 9110, sections 6.4.1
/// and 8.6).
bool may_have_body(int status);

/// `fields` as lines of a head, ready to be sent. Throws std::invalid_argument for a name that is
/// no token and for a value with a control character, which could end the line.
std::string to_field_lines(const Headers& fields);

/// Writes the head of `response` into `out`, in place of what it held. `more_lines` come from
/// to_field_lines(). Throws std::invalid_argument as to_field_lines() does.
void write_response_head(const Response& response, const Framing& framing,
                         std::initializer_list<std::string_view> more_lines, std::string& out);

/// {"error":"…"} with the status of `error`; a 503 says that it is worth trying again, a 401 how a
/// client shows who it is (RFC 6750, section 3).
Response to_response(const Error& error);

}  // namespace enxame::http
