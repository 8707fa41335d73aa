#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "coordinator/coordinator.h"
#include "http/fields.h"
#include "http/request_head.h"
#include "http/response_head.h"

namespace enxame::coordinator {

inline constexpr const char* kBinary = "application/octet-stream";

/// The API without sockets, for tests that ask it many questions.
class Api {
 public:
  explicit Api(CoordinatorOptions options)
      : coordinator_(with_small_products(std::move(options))) {}

  http::Response ask(const std::string& method, const std::string& target, std::string body = "",
                     http::Headers headers = {}) {
    http::Request request;
    // The head of a request as it comes, so that queries are read as the server reads them.
    http::parse_request_head(method + " " + target + " HTTP/1.1\r\n\r\n", request);
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.peer_connected = [this] { return peer_connected_; };
    if (!has_room_) {
      request.hold_answer = [](std::size_t) { throw http::Error(503, "no room for the answer"); };
    }
    try {
      return in_one_piece(coordinator_.answer(request));
    } catch (const http::Error& error) {
      return http::to_response(error);
    }
  }
  http::Response get(const std::string& target, http::Headers headers = {}) {
    return ask("GET", target, "", std::move(headers));
  }
  http::Response post(const std::string& target, std::string body, http::Headers headers = {}) {
    return ask("POST", target, std::move(body), std::move(headers));
  }
  static std::string header(const http::Response& response, std::string_view name) {
    return std::string(http::find_field(response.headers, name));
  }

  TaskBroker& broker() { return coordinator_.broker(); }

  /// Whether clients are there when they are answered.
  void set_peer_connected(bool connected) { peer_connected_ = connected; }

  /// Whether there is room for the large answers that may be under way at once.
  void set_has_room(bool has_room) { has_room_ = has_room; }

 private:
  /// With all of the body where tests look for it.
  static http::Response in_one_piece(http::Response response) {
    response.body.append(response.shared.bytes).append(response.shared.tail);
    response.shared = {};
    if (response.parts) {
      for (std::string part; response.parts->next(part); part.clear()) response.body += part;
      response.parts.reset();
    }
    return response;
  }

  static CoordinatorOptions with_small_products(CoordinatorOptions options) {
    if (!options.max_product_bytes) options.max_product_bytes = 100'000;
    return options;
  }

  Coordinator coordinator_;
  bool peer_connected_ = true;
  bool has_room_ = true;
};

}  // namespace enxame::coordinator
