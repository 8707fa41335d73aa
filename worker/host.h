#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "matmul/timing/phases.h"

namespace enxame::worker {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request to the coordinator.
struct HttpRequest {
  std::string method;  ///< "GET"
  std::string target;  ///< path and query, percent-encoded: "/task/next?workerId=w1"
  HttpHeaders headers;
  std::string_view body;              ///< Host::send() copies it before it returns
  std::chrono::milliseconds timeout;  ///< from the send to the answer's last byte
};

/// What came of a request.
struct HttpAnswer {
  int status = 0;         ///< 0: no answer came, and `body` says why
  HttpHeaders headers;    ///< names in any case
  std::string_view body;  ///< valid only while the answer is being handled

  /// The first header of that name (case-insensitive), empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// Whether another server than the coordinator answered, such as a proxy on the way to it: the body
/// is of a type that the coordinator does not send.
bool is_foreign(const HttpAnswer& answer);

/// An answer that is not the one hoped for, in words: "no answer (Failed to fetch)", "503 (the
/// store is full)", or whose answer it is in place of the coordinator's.
std::string describe(const HttpAnswer& answer);

/// Why no WebSocket could be opened, in words, by what a request to the coordinator was answered
/// right after: a browser does not tell what the WebSocket itself was answered.
std::string why_not_opened(const HttpAnswer& answer);

/// "250 ms" below a second, "1.5 s" from there on.
std::string to_words(std::chrono::milliseconds duration);

/// What a WebSocket tells whoever opened it.
class WebSocketListener {
 public:
  virtual ~WebSocketListener() = default;

  /// It stands: messages can be sent.
  virtual void opened() = 0;
  /// A whole message has come; `message` is valid only during the call.
  virtual void received(std::string_view message) = 0;
  /// It is over, or never stood, and why, in words. The last call.
  virtual void closed(std::string_view why) = 0;
};

/// A WebSocket to the coordinator. Destroying it closes it, and its listener hears nothing more; a
/// listener may do so while it is being called.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// Sends one binary message, which is copied or written before this returns. One that cannot be
  /// sent any more is dropped: the listener hears that it is over.
  virtual void send(std::string_view message) = 0;
};

/// What the logic needs of the world around it. In a browser it is fetch, WebSocket, setTimeout,
/// performance.now and a page; in a native worker connections and a loop; in the tests a list of
/// requests and a clock that is turned by hand. Nothing here blocks the logic: send() and after()
/// return at once and call back later, each exactly once, and nothing is called from within the
/// call that asks for it.
class Host {
 public:
  virtual ~Host() = default;

  virtual void send(const HttpRequest& request, std::function<void(const HttpAnswer&)> then) = 0;
  virtual void after(std::chrono::milliseconds delay, std::function<void()> then) = 0;

  /// Opens a WebSocket to `target`, path and query as in HttpRequest. The listener must outlive the
  /// socket that is returned.
  virtual std::unique_ptr<WebSocket> open(const std::string& target,
                                          WebSocketListener& listener) = 0;

  /// Time on a monotonic clock of unspecified origin.
  virtual Duration now() const = 0;

  /// Something that the page shows is different now. Cheap; called at every transition.
  virtual void changed() = 0;
};

}  // namespace enxame::worker
