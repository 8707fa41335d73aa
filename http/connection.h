#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "http/input_buffer.h"
#include "http/request_head.h"
#include "http/server.h"
#include "http/stream.h"

namespace enxame::http {

/// What all connections of one server share; it outlives them.
struct ServerContext {
  ServerOptions options;
  Handler handler;
  std::string common_lines;  ///< options.common_headers as they are sent
  std::atomic<bool> draining = false;
  int wake_fd = -1;  ///< readable from when `draining` was set
};

/// The server's side of one connection: reads requests one after the other, has each answered, and
/// writes the answers.
class Connection {
 public:
  Connection(Stream stream, const ServerContext& context);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves requests until the connection is over. Every request gets an answer, except one that
  /// its sender cut short.
  void serve();

  /// Called by another thread after `draining` was set: ends the connection if it waits for a
  /// request, otherwise lets it finish the one that it has.
  void end_if_idle() noexcept;

  /// Called by another thread: ends the connection wherever it is.
  void abort() noexcept { stream_.shut_down(); }

 private:
  bool wait_for_request();
  bool serve_one();
  void read_head();
  bool read_body();
  void become_websocket(Response response);
  void refuse(const Error& error);
  Response answer();
  void send(Response response);
  void receive_more();
  void linger();
  void tell_observer(int status, std::size_t sent_bytes) noexcept;

  Stream stream_;
  const ServerContext& context_;
  std::atomic<bool> idle_ = false;
  InputBuffer input_;
  TimePoint began_;                 // when the request's first byte was there
  TimePoint deadline_;              // of the request that is being read
  std::size_t received_bytes_ = 0;  // since the last answer
  Request request_;
  Framing framing_;
  std::string response_head_;
};

}  // namespace enxame::http
