#include "http/server/path_prefix.h"

#include <algorithm>
#include <stdexcept>

namespace enxame::http {

namespace {

/// Whether `part` of a path is the same however it is encoded, and leads nowhere else.
bool is_plain_part(std::string_view part) {
  constexpr std::string_view kPunctuation = "-._~";
  const bool is_unreserved = std::all_of(part.begin(), part.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPunctuation.find(c) != std::string_view::npos;
  });
  return is_unreserved && !part.empty() && part != "." && part != "..";
}

bool is_plain_path(std::string_view path) {
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    if (!is_plain_part(part)) return false;
    path.remove_prefix(part.size());
  }
  return path.empty();
}

}  // namespace

std::string parse_path_prefix(std::string_view text) {
  std::string_view prefix = text;
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (text.empty() || !is_plain_path(prefix)) {
    throw std::invalid_argument("\"" + std::string(text) +
                                "\" is not a path such as /enxame or /tools/enxame");
  }
  return std::string(prefix);
}

bool take_path_prefix(std::string_view prefix, std::string& path) {
  if (prefix.empty() || path == "*") return true;
  const bool is_below =
      path.size() > prefix.size() && path.starts_with(prefix) && path[prefix.size()] == '/';
  if (is_below) path.erase(0, prefix.size());
  return is_below;
}

}  // namespace enxame::http
