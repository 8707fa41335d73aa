#pragma once

#include <cstdint>
#include <string>

#include "coordinator/rest/static_site.h"
#include "http/server/server.h"

namespace enxame::coordinator {

/// The bare transport: answers with as many bytes as it is asked for and does nothing with those
/// that it gets.
///
///   POST /echo?bytes=N     answered with N bytes
///   GET /ws-echo?bytes=N   a WebSocket whose every message is answered with one of N bytes
///
/// The server is the coordinator's own, so that what the coordinator adds is all that differs.
class EchoServer {
 public:
  /// `site`, pages served at "/", may be null; it must outlive this.
  explicit EchoServer(http::ServerOptions options = {}, const StaticSite* site = nullptr);

  std::uint16_t port() const { return server_.port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  void drain() { server_.drain(std::chrono::milliseconds(1'000)); }

 private:
  http::Server server_;
};

}  // namespace enxame::coordinator
