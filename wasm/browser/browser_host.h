#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "worker/host.h"

namespace enxame::browser {

/// The host in a browser: fetch, WebSocket, setTimeout and performance.now, through the functions
/// of imports.js. JavaScript gives a number back with each answer, timer and message, and answer(),
/// fire() and the others call what waits for it.
class BrowserHost : public worker::Host {
 public:
  BrowserHost() = default;
  BrowserHost(const BrowserHost&) = delete;
  BrowserHost& operator=(const BrowserHost&) = delete;

  void send(const worker::HttpRequest& request,
            std::function<void(const worker::HttpAnswer&)> then) override;
  void after(std::chrono::milliseconds delay, std::function<void()> then) override;
  std::unique_ptr<worker::WebSocket> open(const std::string& target,
                                          worker::WebSocketListener& listener) override;
  Duration now() const override;
  void changed() override;

  /// Request `id` was answered. `headers` is a line "name: value" each.
  void answer(int id, int status, std::string_view headers, std::string_view body);
  /// Timer `id` is due.
  void fire(int id);
  /// WebSocket `id` stands, has brought a message, or is over.
  void socket_opened(int id);
  void socket_received(int id, std::string_view message);
  void socket_closed(int id, std::string_view why);
  /// WebSocket `id` never stood; a request to the coordinator right after was answered this.
  void socket_not_opened(int id, int status, std::string_view headers, std::string_view body);

 private:
  class BrowserSocket;

  int last_id_ = 0;
  std::map<int, std::function<void(const worker::HttpAnswer&)>> requests_;
  std::map<int, std::function<void()>> timers_;
  std::map<int, worker::WebSocketListener*> listeners_;  // of the sockets that are not over
};

}  // namespace enxame::browser
