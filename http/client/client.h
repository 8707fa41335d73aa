#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/connections.h"
#include "http/message.h"
#include "net/stream.h"

namespace enxame::http {

/// Where a server is: "http://HOST:PORT" or, where it speaks TLS, "https://HOST:PORT", with or
/// without a "/" behind it.
struct Origin {
  std::string host;
  std::uint16_t port = 80;
  bool has_tls = false;

  /// Throws std::invalid_argument, quoting the URL, for anything else.
  static Origin parse(std::string_view url);
};

/// "http://HOST:PORT" or "https://HOST:PORT".
std::string to_string(const Origin& origin);

/// By what a client and its server know each other.
struct Identity {
  std::string token{};  ///< shown to the server, unless it is empty (RFC 6750)
  /// PEM file of the authorities whose certificates a server with TLS may show; empty: the
  /// system's.
  std::string authorities_file{};
};

/// Connects, and shakes hands where the server has TLS. Throws std::runtime_error when nobody
/// answers in time, or nobody who is believed.
net::Stream connect_to(const Origin& origin, const Identity& identity,
                       std::chrono::milliseconds timeout);

/// `text` with every byte percent-encoded that may not stand in a query value as itself.
std::string percent_encode(std::string_view text);

/// The line of a head that shows `token`; none for an empty one.
std::string authorization_line(std::string_view token);

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  /// How long the call or the answer may stand still, and for the server to answer; see Deadline.
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds idle_limit{20'000};  ///< a connection idle for longer is not used again
  std::size_t max_body_bytes = std::size_t{1} << 30;  ///< of an answer
  Connections connections = Connections::kept;
  Identity identity{};
};

/// What a client asks.
struct Call {
  std::string method = "GET";
  std::string target{};        ///< percent-encoded path and query
  Headers headers{};           ///< besides Host, Content-Type and Content-Length
  std::string content_type{};  ///< of the body; empty when there is none
  std::string body{};
  /// In place of `body`: what it consists of, sent from where it lies; at most kMaxPieces.
  std::vector<std::string_view> pieces{};
  std::chrono::milliseconds patience{
      0};  ///< how long the server was asked to wait before it answers; added to the timeout

  /// Called once the call was written to the socket, before its answer is waited for; a second time
  /// when it had to be sent once more.
  std::function<void()> after_write{};
};

/// The most pieces of a Call.
inline constexpr std::size_t kMaxPieces = net::Stream::kMaxPieces - 1;

/// What the server answered.
struct Reply {
  int status = 0;
  Headers headers;
  std::string body;
  std::chrono::nanoseconds
      receiving{};  ///< from the arrival of the head to that of the body's last byte

  /// The first header of that name (case-insensitive), empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// An HTTP/1.1 client of one server. Thread-safe: each call in flight has a connection to itself,
/// and connections are kept and used again.
class Client {
 public:
  explicit Client(Origin origin, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Makes one call and waits for the answer, whatever its status. A kept connection that the
  /// server has closed in the meantime is replaced before anything is sent on it; when it closes
  /// while the call is being sent, a GET or HEAD is sent once more and any other call, which the
  /// server may have executed, is not. Throws std::runtime_error naming the server and the call
  /// when there is no answer or none that can be read.
  Reply send(const Call& call);

  const Origin& origin() const { return origin_; }

 private:
  class Link;

  std::unique_ptr<Link> connect();
  std::unique_ptr<Link> take_kept();
  void keep(std::unique_ptr<Link> link);

  Origin origin_;
  ClientOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Link>> kept_;
};

}  // namespace enxame::http
