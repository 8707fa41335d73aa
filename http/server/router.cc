#include "http/server/router.h"

#include "http/response_head.h"

namespace enxame::http {

namespace {

/// Takes the part before the next "/" off a path that starts with one.
std::string_view take_part(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size());
  return part;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const std::string_view expected = take_part(pattern);
    const std::string_view part = take_part(path);
    if (expected != kId && expected != part) return false;
  }
  return pattern.empty() && path.empty();
}

std::string_view id_in(std::string_view pattern, std::string_view path) {
  while (pattern.starts_with('/')) {
    const std::string_view expected = take_part(pattern);
    const std::string_view part = take_part(path);
    if (expected == kId) return part;
  }
  return {};
}

std::string_view without_slash_at_end(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

Response method_answer(const Request& request, const std::string& allowed) {
  Response response = to_response(Error(
      405, "\"" + request.path + "\" does not take " + request.method + ", expected " + allowed));
  response.headers.emplace_back("Allow", allowed + ", OPTIONS");
  return response;
}

}  // namespace enxame::http
