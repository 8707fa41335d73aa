#include "http/server/connection.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <exception>
#include <new>
#include <span>
#include <utility>

#include "http/fields.h"
#include "http/response_head.h"
#include "http/server/path_prefix.h"
#include "http/text.h"

namespace enxame::http {

namespace {

std::optional<net::TlsServer> tls_of(const ServerOptions& options) {
  if (options.tls_certificate_file.empty() && options.tls_key_file.empty()) return std::nullopt;
  return std::optional<net::TlsServer>(std::in_place, options.tls_certificate_file,
                                       options.tls_key_file);
}

/// The steady clock a few milliseconds ago, for much less.
net::TimePoint coarse_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return net::TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

ServerContext::ServerContext(ServerOptions given, Handler handle)
    : options(std::move(given)),
      handler(std::move(handle)),
      tls(tls_of(options)),
      access(options.access, options.listen, tls ? "https" : "http"),
      authentication(options.authentication),
      bodies(options.max_in_flight_bytes, options.minimum_rate),
      answers(options.max_in_flight_bytes),
      refusals(options.log) {
  // No larger body would ever have room.
  options.max_body_bytes = std::min(options.max_body_bytes, options.max_in_flight_bytes);
  Headers lines = options.common_headers;
  lines.emplace_back("X-Content-Type-Options", "nosniff");
  // Whether a page may see an answer depends on where it is from.
  lines.emplace_back("Vary", "Origin");
  common_lines = to_field_lines(lines);
}

Connection::Connection(net::Stream stream, std::string peer, ServerContext& context)
    : stream_(std::move(stream)),
      peer_(std::move(peer)),
      context_(context),
      body_share_(context.bodies, [this] { stream_.end_reading(); }) {
  request_.peer_connected = [this] { return stream_.peer_connected(); };
  request_.hand_over_body = [this] { let_go_of_body(); };
  request_.hold_answer = [this](std::size_t bytes) { hold_answer(bytes); };
}

void Connection::serve() {
  try {
    if (context_.tls && !start_tls()) return;
    while (wait_for_request()) {
      if (!serve_one()) return;
    }
  } catch (const net::ConnectionError&) {
    // The peer is gone: nobody is left to answer.
  } catch (const std::bad_alloc&) {
    refuse(Error(503, "out of memory"));
  }
}

void Connection::end_if_idle() noexcept {
  if (activity_ == Activity::idle) stream_.end_reading();
}

Occupant Connection::occupant() const noexcept {
  return {peer_, activity_, net::TimePoint(net::TimePoint::duration(since_))};
}

bool Connection::evict() noexcept {
  Activity activity = activity_;
  while (activity == Activity::idle || activity == Activity::reading_head ||
         activity == Activity::reading_body) {
    if (!activity_.compare_exchange_weak(activity, Activity::evicted)) continue;
    stream_.end_reading();
    return true;
  }
  return false;
}

/// Enters what no other thread ends.
void Connection::enter(Activity activity, net::TimePoint now) noexcept {
  note_progress(now);
  activity_ = activity;
}

void Connection::note_progress(net::TimePoint now) noexcept {
  since_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

/// Leaves what another thread may have ended; returns false when it has.
bool Connection::leave_for(Activity activity) noexcept {
  Activity current = activity_;
  while (current != Activity::evicted) {
    if (activity_.compare_exchange_weak(current, activity)) return true;
  }
  return false;
}

/// Shakes hands; returns whether requests can follow.
bool Connection::start_tls() {
  began_ = std::chrono::steady_clock::now();
  enter(Activity::reading_head, began_);
  try {
    stream_.start_tls(*context_.tls, began_ + context_.options.request_timeout);
  } catch (const net::PlainHttp&) {
    refuse(Error(400, "plain HTTP where TLS is spoken, expected https://"));
    return false;
  } catch (const net::ConnectionError& error) {
    tell_log(400, std::string("the handshake failed: ") + error.what());
    linger();  // with what TLS has to say of it
    return false;
  }
  return leave_for(Activity::busy);
}

bool Connection::wait_for_request() {
  if (!input_.empty()) {
    enter(Activity::reading_head, std::chrono::steady_clock::now());
    return true;
  }
  // Either this thread sees `draining`, or the one that sets it sees that this is idle.
  enter(Activity::idle, coarse_now());
  if (context_.draining) stream_.end_reading();
  const std::span<char> room = input_.room();
  const std::array<iovec, 1> piece{{{room.data(), room.size()}}};
  const std::size_t received =
      stream_.receive(piece, net::Clock::now() + context_.options.keep_alive_timeout).value_or(0);
  input_.received(received);
  received_bytes_ += received;
  if (received == 0) return false;
  note_progress(std::chrono::steady_clock::now());
  return leave_for(Activity::reading_head);
}

bool Connection::serve_one() {
  began_ = net::TimePoint(net::TimePoint::duration(since_));
  framing_ = Framing{};
  request_.route = {};
  cors_lines_.clear();
  try {
    read_head();
    const std::string& prefix = context_.options.path_prefix;
    const bool is_below = take_path_prefix(prefix, request_.path);
    context_.access.check(request_);
    context_.access.append_cors_lines(request_, cors_lines_);
    if (!is_below) {
      throw Error(404, "there is nothing at \"" + log_text(request_.path) +
                           "\", expected a path below \"" + prefix + "/\"");
    }
    context_.authentication.check(request_);
    read_body();
    if (!leave_for(Activity::busy)) end_of_input();
  } catch (const Error& error) {
    refuse(error);
    return false;
  } catch (const net::TimedOut&) {
    refuse(Error(408, "the request was not complete in time: nothing may stand still for " +
                          std::to_string(context_.options.request_timeout.count()) +
                          " ms, nor a body come at less than " +
                          std::to_string(context_.options.minimum_rate) + " bytes/s"));
    return false;
  }
  Response response = answer();
  if (response.websocket) {
    become_websocket(std::move(response));
    return false;
  }
  keep_body();
  if (context_.draining || context_.options.connections != Connections::kept)
    framing_.keep_alive = false;
  send(std::move(response));
  if (!framing_.keep_alive) linger();
  return framing_.keep_alive;
}

/// Says why no more bytes come where some were expected.
void Connection::end_of_input() {
  if (body_share_.interrupted() || activity_ == Activity::evicted) {
    throw Error(503, "the request stood still, and others needed its room");
  }
  if (context_.draining) throw Error(503, "the server is shutting down");
  throw net::ConnectionError("the peer ended the connection within a request");
}

void Connection::receive_more(net::TimePoint deadline) {
  const std::span<char> room = input_.room();
  const std::size_t received = stream_.read(room.data(), room.size(), deadline);
  if (received == 0) end_of_input();
  input_.received(received);
  received_bytes_ += received;
}

void Connection::read_head() {
  for (;;) {
    // Empty lines before a request line are passed over (RFC 9112, section 2.2).
    while (input_.bytes().starts_with("\r\n")) input_.consume(2);
    if (const auto end = find_head_end(input_.bytes())) {
      framing_ = parse_request_head(input_.bytes().substr(0, *end), request_);
      input_.consume(*end);
      return;
    }
    receive_more(began_ + context_.options.request_timeout);
  }
}

}  // namespace enxame::http
