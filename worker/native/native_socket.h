#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/client/websocket_client.h"
#include "wire/buffer.h"
#include "worker/host.h"

namespace enxame::worker {

/// A WebSocket to a coordinator, to be waited for on one thread.
class NativeSocket : public WebSocket {
 public:
  enum class Event {
    opened,
    message,
    nothing,  ///< the deadline has passed, or it was woken
    over,     ///< and why() says why
  };

  /// Connects when it is first waited for. `place` is where whoever waits finds it: it holds this
  /// from now on, nothing from the destruction on.
  NativeSocket(NativeSocket*& place, http::Origin coordinator, http::Identity identity,
               std::string target, WebSocketListener& listener);
  NativeSocket(const NativeSocket&) = delete;
  NativeSocket& operator=(const NativeSocket&) = delete;
  ~NativeSocket() override;

  void send(std::string_view message) override;

  bool is_connected() const { return client_.has_value(); }

  /// Waits for the next event.
  Event await(net::TimePoint deadline);

  /// The message that has come last; valid until the next await() and the destruction.
  std::string_view message() const { return message_; }
  const std::string& why() const { return why_; }
  WebSocketListener& listener() const { return listener_; }

  /// Called by another thread, while one waits in await() for a connected socket: it waits no
  /// longer, now and from now on.
  void wake() noexcept { client_->wake(); }

 private:
  void read_message();

  NativeSocket*& place_;
  const http::Origin coordinator_;
  const http::Identity identity_;
  const std::string target_;
  WebSocketListener& listener_;
  std::optional<http::WebSocketClient> client_;
  wire::Buffer memory_;  // of messages; kept, so that tasks of one size cost no allocation
  std::string_view message_;
  std::string why_;  // not empty once a send has failed
};

}  // namespace enxame::worker
