#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "http/connections.h"
#include "http/message.h"
#include "http/server/access.h"
#include "http/server/authentication.h"
#include "http/server/refusal_log.h"
#include "http/server/server_observer.h"
#include "net/deadline.h"
#include "net/listening.h"

namespace enxame::http {

/// An eighth of the memory that this process may use.
std::size_t default_in_flight_bytes();

struct ServerOptions {
  std::string listen{net::kLocalhost};  ///< see net::listen_at()
  std::uint16_t port = 0;               ///< 0: any free port
  std::size_t max_connections = 1024;
  std::size_t max_body_bytes = std::size_t{256} << 20;
  /// What the bodies that are being received and handled may take together, and, as much again,
  /// the answers that are being sent. Bounds `max_body_bytes`, too.
  std::size_t max_in_flight_bytes = default_in_flight_bytes();
  /// For a request's head, and how long a body, or the writing of an answer, may stand still.
  std::chrono::milliseconds request_timeout{30'000};
  std::size_t minimum_rate = net::Pace::kMinimumRate;  ///< of a body and of an answer; see Deadline
  std::chrono::milliseconds keep_alive_timeout{60'000};  ///< idle time between two requests
  Connections connections = Connections::kept;
  std::chrono::milliseconds ping_interval{10'000};  ///< see WebSocketOptions
  /// PEM files of a certificate and of its key, with which TLS is spoken, and nothing else; empty:
  /// it is not.
  std::string tls_certificate_file{};
  std::string tls_key_file{};
  AccessOptions access{};
  AuthenticationOptions authentication{};
  /// As parse_path_prefix() returns it: only what is below it is answered, as if it were not there.
  std::string path_prefix{};
  Headers common_headers{};            ///< sent with every answer, errors included
  ServerObserver* observer = nullptr;  ///< told of connections and answers; outlives the server
  LogLine log = write_to_stderr;       ///< of refusals
};

/// An HTTP/1.1 server on Poco's sockets, strict where Poco's own is lax: foreign pages are kept
/// away (Access), Content-Length is checked and bodies are bounded, each alone and all together,
/// requests have deadlines, surplus connections get the place of one that does nothing or a 503
/// instead of silence, and every refusal is a JSON error.
class Server {
 public:
  /// Binds and listens; throws std::runtime_error naming the address when it cannot, or the file of
  /// TLS that is of no use, and std::invalid_argument for what `access` names.
  Server(ServerOptions options, Handler handler);
  /// Drains without patience; returns when the last handler has returned.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

  /// Stops accepting, lets requests in flight finish for up to `patience`, then closes what is
  /// left. Handlers that wait for something must be woken by their owner first. Returns whether all
  /// finished in time. Idempotent.
  bool drain(std::chrono::milliseconds patience);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace enxame::http
