#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/input_buffer.h"
#include "http/request_head.h"
#include "http/server/access.h"
#include "http/server/authentication.h"
#include "http/server/eviction.h"
#include "http/server/refusal_log.h"
#include "http/server/server.h"
#include "net/acceptor.h"
#include "net/budget.h"
#include "net/stream.h"
#include "net/tls.h"

namespace enxame::http {

/// What all connections of one server share; it outlives them.
struct ServerContext {
  ServerContext(ServerOptions given, Handler handle);

  net::Pace pace() const { return {options.request_timeout, options.minimum_rate}; }

  ServerOptions options;
  Handler handler;
  std::optional<net::TlsServer> tls;
  Access access;
  Authentication authentication;
  net::Budget bodies;   ///< that are being received or handled
  net::Budget answers;  ///< that are being sent, as far as they are copies of their own
  RefusalLog refusals;
  std::string common_lines;  ///< options.common_headers as they are sent
  std::atomic<bool> draining = false;
  int wake_fd = -1;  ///< readable from when `draining` was set
};

/// The server's side of one connection: reads requests one after the other, has each answered, and
/// writes the answers.
class Connection : public net::Session {
 public:
  /// `peer` is the client's address.
  Connection(net::Stream stream, std::string peer, ServerContext& context);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves requests until the connection is over. Every request gets an answer, except one that
  /// its sender cut short.
  void serve() override;

  /// Called by another thread after `draining` was set: ends the connection if it waits for a
  /// request, otherwise lets it finish the one that it has.
  void end_if_idle() noexcept override;

  /// Called by another thread: ends the connection wherever it is.
  void abort() noexcept override { stream_.shut_down(); }

  /// Called by another thread, which looks for a place that it can take.
  Occupant occupant() const noexcept;

  /// Called by another thread: ends the connection if it still waits for its peer. Returns whether
  /// it does; then its place is free.
  bool evict() noexcept;

 private:
  bool start_tls();
  bool wait_for_request();
  bool serve_one();
  void read_head();
  void read_body();
  void read_sized_body();
  void read_chunked_body();
  void append_to_body(std::string_view data);
  void await_body();
  void note_body(std::size_t bytes);
  void become_websocket(Response response);
  void refuse(const Error& error);
  Response answer();
  void keep_body() noexcept;
  void let_go_of_body() noexcept;
  void hold_answer(std::size_t bytes);
  void send(Response response);
  bool make_part(const Response::Parts& parts, std::string& part);
  std::size_t send_parts(const Response::Parts& parts, std::string& part, bool has_part);
  void receive_more(net::TimePoint deadline);
  [[noreturn]] void end_of_input();
  void linger();
  void enter(Activity activity, net::TimePoint now) noexcept;
  void note_progress(net::TimePoint now) noexcept;
  bool leave_for(Activity activity) noexcept;
  void tell_log(int status, std::string_view reason) noexcept;
  void tell_observer(int status, std::size_t sent_bytes) noexcept;

  net::Stream stream_;
  const std::string peer_;
  ServerContext& context_;
  std::atomic<Activity> activity_ = Activity::busy;
  std::atomic<std::int64_t> since_{
      0};  // of the activity, or its last progress; steady clock's ticks
  net::Budget::Share body_share_;
  net::Deadline body_deadline_{net::kNever};        // of the body that is being received
  net::TimePoint body_stalls_at_;                   // when its place can be taken
  std::optional<net::Budget::Share> answer_share_;  // while an answer is made and sent
  InputBuffer input_;
  net::TimePoint began_;            // when the request's first byte was there
  std::size_t received_bytes_ = 0;  // since the last answer
  Request request_;
  Framing framing_;
  std::string cors_lines_;
  std::string response_head_;
};

}  // namespace enxame::http
