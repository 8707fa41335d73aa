#pragma once

#include <string_view>

namespace enxame::http {

/// What becomes of a connection when its request has been answered.
enum class Connections {
  kept,         ///< it serves the next one
  per_request,  ///< it is closed
};

/// "kept" or "per-request".
inline std::string_view to_string(Connections connections) {
  return connections == Connections::kept ? "kept" : "per-request";
}

}  // namespace enxame::http
