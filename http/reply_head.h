#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace enxame::http {

/// The head of an answer.
struct ReplyHead {
  int status = 0;
  bool keep_alive = true;  ///< the server leaves the connection open
  Headers headers{};
};

/// Reads the head of an answer, as find_head_end() delimits it. Throws std::runtime_error for what
/// is none.
ReplyHead parse_reply_head(std::string_view head);

}  // namespace enxame::http
