#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace enxame::http {

class WebSocket;

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request, read whole and checked: the body is exactly what Content-Length or its chunks said.
struct Request {
  std::string method;  ///< "GET"
  std::string path;    ///< percent-decoded but for %2F, without the query: "/task/7/result"
  std::vector<std::pair<std::string, std::string>> query;  ///< percent-decoded, in order
  Headers headers;
  std::string body;
  std::string authority{};  ///< the host that was asked: "localhost:8080"; empty: none was named

  /// What the handler took this for, in a few fixed words ("/result/{id}"), for the observer.
  /// Points to what outlives the server.
  std::string_view route{};

  /// What stands in `path` for the "{id}" of `route`, where a Router found it. Points into `path`.
  std::string_view id{};

  /// Whether the client's end of the connection is still open; a handler that has waited asks
  /// before it gives something away. One system call that does not wait: cheap enough to be asked
  /// every second for each of many.
  std::function<bool()> peer_connected;

  /// To be called by a handler that goes on to wait when it needs the body no longer, or has given
  /// it to something that bounds its memory itself: frees what is left of it. Otherwise the body
  /// counts as in flight until the handler returns.
  std::function<void()> hand_over_body = [] {};

  /// To be called by a handler before it makes so many bytes for its answer, those that it needs on
  /// the way included: they count as being sent until the answer is. Throws Error 503 when there is
  /// no room for them.
  std::function<void(std::size_t)> hold_answer = [](std::size_t) {};

  /// The first header of that name (case-insensitive), empty when there is none.
  std::string_view header(std::string_view name) const;
  /// The first query parameter of that name.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  Headers headers{};

  /// What follows `body` and is sent from where it lies, which `owner` keeps alive: what is large
  /// and stored is not copied to be sent. `tail` follows it.
  struct Shared {
    std::shared_ptr<const void> owner;
    std::string_view bytes;
    std::string tail;
  };
  Shared shared{};

  std::size_t body_bytes() const { return body.size() + shared.bytes.size() + shared.tail.size(); }

  /// A body that is made part by part while it is sent, in place of `body` and `shared`: one that
  /// is too large to be in memory whole, or of which nobody knows yet how it goes on.
  struct Parts {
    /// Puts the next part into `part`, whose memory it may use again; returns false at the end.
    /// Runs on the connection's thread and may block, as a handler may: the time until it returns
    /// is its own. The first part is asked for before the head is written, so that what it throws
    /// is answered as what a handler throws; what is thrown later ends the connection, and the
    /// client sees that something is missing.
    std::function<bool(std::string& part)> next;
    /// The bytes of all parts together, where they are known. Otherwise the parts are sent in
    /// chunks (RFC 9112, section 7.1), or, to a client that knows only HTTP/1.0, until the
    /// connection ends.
    std::optional<std::size_t> bytes{};
  };
  /// Each part counts as being sent while it is (see Request::hold_answer) and has the time of an
  /// answer of its own. It is asked for nothing when the client sent HEAD, or has gone.
  std::optional<Parts> parts{};

  /// Where it is set (by websocket_answer()), the connection becomes a WebSocket, of which this has
  /// the use, on the connection's thread. It is closed when this returns; a WebSocketError is told
  /// to the peer. A message is bounded as a body is, and has as much time. Its waits end when the
  /// server drains.
  std::function<void(WebSocket&)> websocket{};

  /// Called once, after the answer was written to the socket (true) or could not be (false).
  std::function<void(bool written)> after_write{};
};

/// What a handler throws to answer with a status other than 200. The client gets
/// {"error": message}.
class Error : public std::runtime_error {
 public:
  Error(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

/// Answers one request, whose parts it may take (move) for itself. Runs on the connection's own
/// thread and may block. An http::Error becomes its status, any other exception a 500; both as
/// {"error": message}.
using Handler = std::function<Response(Request&)>;

}  // namespace enxame::http
