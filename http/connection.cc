#include "http/connection.h"

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <span>
#include <utility>

#include "http/fields.h"
#include "http/response_head.h"
#include "http/websocket.h"

namespace enxame::http {

namespace {

// Bodies are read in steps, so that memory is taken as bytes arrive and not when they are
// announced.
constexpr std::size_t kBodyStepBytes = 512 * 1024;

constexpr std::size_t kMaxKeptBytes = 64 * 1024;

constexpr std::chrono::milliseconds kLingerTime{5'000};

/// Tells a response's after_write() exactly once what became of it.
class WriteReport {
 public:
  explicit WriteReport(std::function<void(bool)> report) : report_(std::move(report)) {}
  WriteReport(const WriteReport&) = delete;
  WriteReport& operator=(const WriteReport&) = delete;
  ~WriteReport() { tell(false); }

  void tell(bool written) noexcept {
    if (!report_) return;
    try {
      std::exchange(report_, nullptr)(written);
    } catch (const std::exception&) {
      // The answer is on its way or lost; there is nobody left to tell.
    }
  }

 private:
  std::function<void(bool)> report_;
};

}  // namespace

Connection::Connection(Stream stream, const ServerContext& context)
    : stream_(std::move(stream)), context_(context) {
  stream_.set_idle_timeout(context.options.keep_alive_timeout);
  request_.peer_connected = [this] { return stream_.peer_connected(); };
}

void Connection::serve() {
  try {
    while (wait_for_request()) {
      if (!serve_one()) return;
    }
  } catch (const ConnectionError&) {
    // The peer is gone: nobody is left to answer.
  } catch (const std::bad_alloc&) {
    refuse(Error(503, "out of memory"));
  }
}

void Connection::end_if_idle() noexcept {
  if (idle_) stream_.end_reading();
}

bool Connection::wait_for_request() {
  if (!input_.empty()) return true;
  // Either this thread sees `draining`, or the one that sets it sees `idle_`.
  idle_ = true;
  if (context_.draining) stream_.end_reading();
  const std::span<char> room = input_.room();
  const std::size_t received = stream_.read_idle(room.data(), room.size());
  input_.received(received);
  received_bytes_ += received;
  idle_ = false;
  return received > 0;
}

bool Connection::serve_one() {
  began_ = std::chrono::steady_clock::now();
  deadline_ = began_ + context_.options.request_timeout;
  framing_ = Framing{};
  request_.route = {};
  try {
    read_head();
    if (!read_body()) return false;
  } catch (const Error& error) {
    refuse(error);
    return false;
  } catch (const TimedOut&) {
    refuse(Error(408, "the request was not complete after " +
                          std::to_string(context_.options.request_timeout.count()) + " ms"));
    return false;
  }
  Response response = answer();
  if (response.websocket) {
    become_websocket(std::move(response));
    return false;
  }
  if (context_.draining || context_.options.connections != Connections::kept)
    framing_.keep_alive = false;
  send(std::move(response));
  if (!framing_.keep_alive) linger();
  return framing_.keep_alive;
}

void Connection::receive_more() {
  const std::span<char> room = input_.room();
  const std::size_t received = stream_.read(room.data(), room.size(), deadline_);
  input_.received(received);
  received_bytes_ += received;
  if (received > 0) return;
  if (context_.draining) throw Error(503, "the server is shutting down");
  throw ConnectionError("the peer ended the connection within a request");
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
    receive_more();
  }
}

bool Connection::read_body() {
  const std::size_t length = framing_.content_length;
  if (length > context_.options.max_body_bytes) {
    throw Error(413, "the body has " + std::to_string(length) + " bytes, at most " +
                         std::to_string(context_.options.max_body_bytes) + " are taken");
  }
  const std::size_t buffered = std::min(length, input_.bytes().size());
  if (framing_.expects_continue && buffered < length) {
    stream_.write("HTTP/1.1 100 Continue\r\n\r\n", {}, context_.options.request_timeout);
  }
  std::string& body = request_.body;
  if (body.capacity() > kMaxKeptBytes) body = std::string();
  body.assign(input_.bytes().substr(0, buffered));
  input_.consume(buffered);
  if (buffered == length) return true;

  // Reserved memory is not touched before bytes arrive, so an announced length costs nothing yet.
  body.reserve(length);
  for (std::size_t have = buffered; have < length;) {
    body.resize(std::min(length, std::max(body.size(), have + kBodyStepBytes)));
    const std::size_t received = stream_.read(body.data() + have, body.size() - have, deadline_);
    if (received == 0 && context_.draining) throw Error(503, "the server is shutting down");
    if (received == 0) return false;
    have += received;
    received_bytes_ += received;
  }
  return true;
}

void Connection::become_websocket(Response response) {
  if (framing_.is_http_1_0) {
    refuse(Error(400, "a WebSocket over HTTP/1.0, expected HTTP/1.1"));
    return;
  }
  if (context_.draining) {
    refuse(Error(503, "the server is shutting down"));
    return;
  }
  const ServerOptions& options = context_.options;
  const auto session = std::exchange(response.websocket, nullptr);
  framing_.keep_alive = true;
  send(std::move(response));
  WebSocket socket(stream_, input_, WebSocket::Side::server, context_.wake_fd,
                   {.max_message_bytes = options.max_body_bytes,
                    .message_timeout = options.request_timeout,
                    .ping_interval = options.ping_interval});
  try {
    session(socket);
    socket.close(context_.draining ? CloseCode::going_away : CloseCode::normal);
  } catch (const WebSocketError& error) {
    socket.close(error.code(), error.what());
  } catch (const ConnectionError&) {
    throw;
  } catch (const std::exception& error) {
    socket.close(CloseCode::internal, error.what());
  }
  linger();
}

Response Connection::answer() {
  try {
    return context_.handler(request_);
  } catch (const Error& error) {
    return to_response(error);
  } catch (const std::exception& error) {
    return to_response(Error(500, std::string("internal error: ") + error.what()));
  }
}

void Connection::send(Response response) {
  WriteReport report(std::move(response.after_write));
  try {
    write_response_head(response, framing_, context_.common_lines, response_head_);
  } catch (const std::invalid_argument& error) {
    report.tell(false);
    response = to_response(Error(500, std::string("internal error: ") + error.what()));
    write_response_head(response, framing_, context_.common_lines, response_head_);
  }
  const bool has_body = may_have_body(response.status) && request_.method != "HEAD";
  const std::array<std::string_view, 4> pieces{response_head_, response.body, response.shared.bytes,
                                               response.shared.tail};
  stream_.write(std::span(pieces).first(has_body ? pieces.size() : 1),
                context_.options.request_timeout);
  report.tell(true);
  tell_observer(response.status, response_head_.size() + (has_body ? response.body_bytes() : 0));
}

void Connection::tell_observer(int status, std::size_t sent_bytes) noexcept {
  ServerObserver* observer = context_.options.observer;
  if (observer == nullptr) return;
  observer->answered({request_.route, status, std::chrono::steady_clock::now() - began_,
                      std::exchange(received_bytes_, 0), sent_bytes});
}

void Connection::refuse(const Error& error) {
  framing_.keep_alive = false;
  request_.method.clear();
  try {
    send(to_response(error));
    linger();
  } catch (const ConnectionError&) {
    // The peer is gone: nobody is left to answer.
  }
}

void Connection::linger() {
  idle_ = true;
  if (context_.draining) stream_.end_reading();
  stream_.linger(context_.options.max_body_bytes, std::chrono::steady_clock::now() + kLingerTime);
}

}  // namespace enxame::http
