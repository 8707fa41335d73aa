#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "http/client/client.h"
#include "http/input_buffer.h"
#include "http/websocket/websocket.h"
#include "net/stream.h"
#include "net/system.h"

namespace enxame::http {

/// A client's WebSocket: the connection, shaken hands, and what can be said over it.
class WebSocketClient {
 public:
  struct Options {
    std::chrono::milliseconds connect_timeout{5'000};  ///< also of the handshake
    WebSocketOptions socket{};
    Identity identity{};
  };

  /// Connects to `target` ("/ws?role=client") of `origin`. Throws std::runtime_error, which names
  /// both and what the server answered, when there is no WebSocket.
  WebSocketClient(const Origin& origin, const std::string& target, const Options& options);
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  WebSocket& socket() { return *socket_; }

  /// Called by another thread: await() returns `woken`, now and from now on.
  void wake() noexcept;

 private:
  void shake_hands(const Origin& origin, const std::string& target, const Options& options);

  net::Descriptor wake_;
  std::unique_ptr<net::Stream> stream_;
  InputBuffer input_;
  std::unique_ptr<WebSocket> socket_;
};

}  // namespace enxame::http
