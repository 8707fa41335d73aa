#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "http/response_head.h"
#include "http/server/connection.h"
#include "http/websocket/websocket.h"

namespace enxame::http {

namespace {

constexpr std::chrono::milliseconds kLingerTime{5'000};

/// A refusal that is the server's own and not what somebody sent: whoever runs it wants to know.
constexpr int kTooManyRequests = 429;

/// Does something at the end of a block.
template <typename Action>
class EndOf {
 public:
  explicit EndOf(Action action) : action_(std::move(action)) {}
  EndOf(const EndOf&) = delete;
  EndOf& operator=(const EndOf&) = delete;
  ~EndOf() { action_(); }

 private:
  Action action_;
};

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

/// The answer that says what `action` throws; nothing when it throws nothing.
template <typename Action>
std::optional<Response> error_of(const Action& action) {
  try {
    action();
    return std::nullopt;
  } catch (const Error& error) {
    return to_response(error);
  } catch (const std::bad_alloc&) {
    // What it had is released by now: this much there is.
    return to_response(Error(503, "out of memory"));
  } catch (const std::exception& error) {
    return to_response(Error(500, std::string("internal error: ") + error.what()));
  }
}

/// The line before a chunk of so many bytes: "1f40\r\n".
std::string chunk_line(std::size_t bytes) {
  std::array<char, 16> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16);
  return std::string(digits.data(), end) + "\r\n";
}

}  // namespace

Response Connection::answer() {
  Response response;
  if (auto error = error_of([&] { response = context_.handler(request_); }))
    return std::move(*error);
  return response;
}

void Connection::hold_answer(std::size_t bytes) {
  if (bytes <= net::Budget::kUncountedBytes) return;
  if (!answer_share_) answer_share_.emplace(context_.answers, [] {});
  if (answer_share_->try_hold(bytes)) return;
  throw Error(503, "there is no room for the " + std::to_string(bytes) +
                       " bytes that the answer takes: those that are being sent may have " +
                       std::to_string(context_.answers.bytes()) +
                       " bytes together (--max-in-flight)");
}

void Connection::send(Response response) {
  const EndOf release([this] { answer_share_.reset(); });
  WriteReport report(std::move(response.after_write));
  const auto write_head = [&] {
    write_response_head(response, framing_, {context_.common_lines, cors_lines_}, response_head_);
  };
  const auto has_body = [&] { return may_have_body(response.status) && request_.method != "HEAD"; };
  std::string part;  // the next one of the answer's
  bool has_part = false;
  if (auto error = error_of([&] {
        hold_answer(response.body.size() + response.shared.tail.size());
        if (response.parts) {
          if (!response.parts->bytes && framing_.is_http_1_0) framing_.keep_alive = false;
          has_part = has_body() && make_part(*response.parts, part);
        }
        write_head();
      })) {
    report.tell(false);
    response = std::move(*error);
    write_head();
  }
  if (response.status >= 500 || response.status == kTooManyRequests) {
    tell_log(response.status, response.body);
  }
  std::size_t sent = response_head_.size();
  if (response.parts && has_body()) {
    sent += send_parts(*response.parts, part, has_part);
  } else {
    const std::array<std::string_view, 4> pieces{response_head_, response.body,
                                                 response.shared.bytes, response.shared.tail};
    stream_.write(std::span(pieces).first(has_body() ? pieces.size() : 1),
                  net::Deadline(context_.pace()));
    if (has_body()) sent += response.body_bytes();
  }
  report.tell(true);
  tell_observer(response.status, sent);
}

/// Makes the next part of an answer and counts it as being sent. Returns false at the end.
bool Connection::make_part(const Response::Parts& parts, std::string& part) {
  part.clear();
  if (!parts.next(part)) return false;
  hold_answer(part.capacity());
  return true;
}

/// Sends the head that was written and the parts behind it, of which the first one, if any, was
/// made. Returns the bytes of all parts. Throws ConnectionError when it cannot make them all: what
/// is sent can no longer become an error.
std::size_t Connection::send_parts(const Response::Parts& parts, std::string& part, bool has_part) {
  const auto give_up = [&](const std::string& reason) {
    tell_log(500, reason);
    throw net::ConnectionError(reason);
  };
  const bool in_chunks = !parts.bytes && !framing_.is_http_1_0;
  std::string_view head = response_head_;
  std::size_t sent = 0;
  while (has_part) {
    if (parts.bytes && part.size() > *parts.bytes - sent) {
      give_up("the answer has more than the " + std::to_string(*parts.bytes) +
              " bytes that it was to have");
    }
    // An empty chunk would be the last one.
    const bool is_chunk = in_chunks && !part.empty();
    const std::string line = is_chunk ? chunk_line(part.size()) : "";
    const std::array<std::string_view, 4> pieces{std::exchange(head, {}), line, part,
                                                 is_chunk ? "\r\n" : ""};
    stream_.write(pieces, net::Deadline(context_.pace()));
    sent += part.size();
    try {
      has_part = make_part(parts, part);
    } catch (const std::exception& error) {
      give_up("the answer ends after " + std::to_string(sent) + " bytes: " + error.what());
    }
  }
  if (sent < parts.bytes.value_or(0)) {
    give_up("the answer has " + std::to_string(sent) + " of the " + std::to_string(*parts.bytes) +
            " bytes that it was to have");
  }
  const std::array<std::string_view, 2> end{head, in_chunks ? "0\r\n\r\n" : ""};
  stream_.write(end, net::Deadline(context_.pace()));
  return sent;
}

void Connection::tell_log(int status, std::string_view reason) noexcept {
  constexpr std::string_view kBegin = R"({"error":")";
  constexpr std::string_view kEnd = R"("})";
  if (reason.starts_with(kBegin) && reason.ends_with(kEnd)) {
    reason.remove_prefix(kBegin.size());
    reason.remove_suffix(kEnd.size());
  }
  context_.refusals.tell(status, reason, peer_);
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
  let_go_of_body();
  // What is the server's own fault is told when it is sent.
  if (error.status() < 500) tell_log(error.status(), error.what());
  try {
    send(to_response(error));
    linger();
  } catch (const net::ConnectionError&) {
    // The peer is gone: nobody is left to answer.
  }
}

void Connection::linger() {
  // Nothing more is expected, so that the place can be taken.
  note_progress(std::chrono::steady_clock::now());
  leave_for(Activity::idle);
  if (context_.draining) stream_.end_reading();
  stream_.linger(context_.options.max_body_bytes, std::chrono::steady_clock::now() + kLingerTime);
}

void Connection::become_websocket(Response response) {
  if (body_share_.interrupted()) {
    refuse(Error(503, "another body took the connection's room"));
    return;
  }
  // It would be the first to be interrupted.
  let_go_of_body();
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
                    .minimum_rate = options.minimum_rate,
                    .ping_interval = options.ping_interval,
                    .budget = &context_.bodies,
                    .answers = &context_.answers});
  try {
    session(socket);
    socket.close(context_.draining ? CloseCode::going_away : CloseCode::normal);
  } catch (const WebSocketError& error) {
    socket.close(error.code(), error.what());
  } catch (const net::ConnectionError&) {
    throw;
  } catch (const std::exception& error) {
    socket.close(CloseCode::internal, error.what());
  }
  linger();
}

}  // namespace enxame::http
