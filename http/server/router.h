#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/server/authentication.h"

namespace enxame::http {

/// What stands in a pattern for any one part of a path.
inline constexpr std::string_view kId = "{id}";

/// Whether `path` is `pattern`, in which "{id}" stands for any one part, which may be empty.
bool matches(std::string_view pattern, std::string_view path);

/// The part of `path` for which "{id}" stands in `pattern`, which matches it; empty where the
/// pattern has none.
std::string_view id_in(std::string_view pattern, std::string_view path);

/// `path` without the "/" at its end: "/task/" names what "/task" does. "/" stays.
std::string_view without_slash_at_end(std::string_view path);

/// 405 {"error":"…"} with Allow; `allowed` lists the methods that the path takes besides OPTIONS:
/// "GET, HEAD".
Response method_answer(const Request& request, const std::string& allowed);

/// A method and the paths that it is for.
template <typename Api>
struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "/task/{id}/result"; outlives the server
  Response (Api::*handle)(Request&);
  bool is_safe = false;      ///< changes nothing, so that HEAD is answered as well
  Role role = Role::client;  ///< whom it is for, where a server has tokens
};

/// Finds the function of an API that answers a request, by its method and path, which may have a
/// "/" at its end. An API says what it has in a table:
///
///   static constexpr std::array<http::Route<Api>, 2> kRoutes{{
///       {"POST", "/task", &Api::submit},
///       {"GET", "/health", &Api::health, true, http::Role::anyone},
///   }};
///   const http::Router<Api> router{kRoutes};
template <typename Api>
class Router {
 public:
  /// `routes` must outlive this. A pattern may have several methods; of patterns that match the
  /// same path the first is meant.
  explicit constexpr Router(std::span<const Route<Api>> routes) : routes_(routes) {}

  /// The answer of `api`, or 405 where its path takes another method; Request::route and
  /// Request::id are set before. Nothing where no pattern matches.
  std::optional<Response> answer(Api& api, Request& request) const {
    const Route<Api>* const first = find(request.path);
    if (first == nullptr) return std::nullopt;
    request.route = first->pattern;
    request.id = id_in(first->pattern, without_slash_at_end(request.path));
    std::string allowed;
    for (const Route<Api>& route : routes_) {
      if (route.pattern != first->pattern) continue;
      if (request.method == route.method || (request.method == "HEAD" && route.is_safe)) {
        return (api.*route.handle)(request);
      }
      if (!allowed.empty()) allowed += ", ";
      allowed.append(route.method).append(route.is_safe ? ", HEAD" : "");
    }
    return method_answer(request, allowed);
  }

  /// Whether a pattern matches `path`, whatever the method.
  bool has(std::string_view path) const { return find(path) != nullptr; }

  /// Whom `path` is for, whatever the method; anyone where no pattern matches.
  Role role_of(std::string_view path) const {
    const Route<Api>* const route = find(path);
    return route == nullptr ? Role::anyone : route->role;
  }

  /// What answer() may put into Request::route.
  std::vector<std::string_view> patterns() const {
    std::vector<std::string_view> patterns;
    for (const Route<Api>& route : routes_) {
      if (std::ranges::find(patterns, route.pattern) == patterns.end()) {
        patterns.push_back(route.pattern);
      }
    }
    return patterns;
  }

 private:
  const Route<Api>* find(std::string_view path) const {
    const std::string_view named = without_slash_at_end(path);
    const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const Route<Api>& each) {
      return matches(each.pattern, named);
    });
    return found == routes_.end() ? nullptr : &*found;
  }

  std::span<const Route<Api>> routes_;
};

}  // namespace enxame::http
