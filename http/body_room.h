#pragma once

#include <cstddef>
#include <string>

#include "http/message.h"
#include "net/budget.h"

namespace enxame::http {

/// Holds room for a body that is being received (Budget::Share::hold()). Throws Error 503 when
/// there is none in time.
inline void hold_body(net::Budget::Share& share, std::size_t bytes) {
  if (share.hold(bytes)) return;
  throw Error(503, "there is no room for the body: bodies that are being received may have " +
                       std::to_string(share.budget().bytes()) +
                       " bytes together (--max-in-flight)");
}

}  // namespace enxame::http
