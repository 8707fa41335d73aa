#include "coordinator/bench/echo_server.h"

#include <charconv>
#include <cstddef>
#include <memory>
#include <utility>

#include "coordinator/rest/answers.h"
#include "coordinator/rest/routes.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_handshake.h"
#include "wire/rest.h"

namespace enxame::coordinator {

namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
using wire::rest::kBinaryType;

std::size_t wanted_bytes(const http::Request& request) {
  const std::string_view text = request.parameter("bytes").value_or("");
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || end != text.data() + text.size() || bytes > kMaxBytes) {
    throw http::Error(400, "bytes is \"" + std::string(text) +
                               "\", expected a whole number from 0 to " +
                               std::to_string(kMaxBytes));
  }
  return bytes;
}

/// `count` bytes that were made once and are sent from where they lie, as the coordinator sends
/// what it has stored.
std::string_view stored(std::size_t count) {
  thread_local std::string bytes;
  if (bytes.size() < count) bytes.assign(count, 'x');
  return std::string_view(bytes).substr(0, count);
}

void echo(http::WebSocket& socket, std::size_t bytes) {
  while (socket.await() == http::WebSocket::Event::message) {
    socket.read_rest();
    socket.send({stored(bytes)});
  }
}

http::Response answer(http::Request& request, const StaticSite* site) {
  if (request.method == "OPTIONS") return preflight_answer();
  if (request.path == "/echo") {
    http::Response response;
    response.content_type = kBinaryType;
    response.shared.bytes = stored(wanted_bytes(request));
    return response;
  }
  if (request.path == "/ws-echo") {
    return http::websocket_answer(
        request, [bytes = wanted_bytes(request)](http::WebSocket& socket) { echo(socket, bytes); });
  }
  if (site != nullptr) {
    if (auto page = site->find(request)) return std::move(*page);
  }
  throw http::Error(404, "there is nothing at \"" + request.path + "\"");
}

}  // namespace

EchoServer::EchoServer(http::ServerOptions options, const StaticSite* site)
    : server_(api_options(std::move(options)),
              [site](http::Request& request) { return answer(request, site); }) {}

}  // namespace enxame::coordinator
