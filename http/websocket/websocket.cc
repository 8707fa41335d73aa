#include "http/websocket/websocket.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "http/body_room.h"
#include "http/message.h"
#include "http/text.h"
#include "json/utf8.h"

namespace enxame::http {

namespace {

using Clock = std::chrono::steady_clock;

// Read in steps, so that memory is taken as bytes arrive and not when they are announced.
constexpr std::size_t kReadStepBytes = 512 * 1024;

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  const std::size_t room = kMaxControlBytes - payload.size();
  // A message may quote bytes of the peer, which need not be UTF-8, as a reason must.
  const std::string text = is_utf8(reason) ? std::string() : log_text(reason);
  return payload.append(json::utf8_prefix(text.empty() ? reason : text, room));
}

}  // namespace

WebSocket::WebSocket(net::Stream& stream, InputBuffer& input, Side side, int wake_fd,
                     const WebSocketOptions& options)
    : stream_(stream),
      input_(input),
      side_(side),
      wake_fd_(wake_fd),
      options_(options),
      message_deadline_(pace()),
      heard_at_(Clock::now()) {
  if (options_.budget != nullptr) {
    share_.emplace(*options_.budget, [this] { stream_.end_reading(); });
  }
  using namespace std::chrono_literals;
  stream_.probe_when_silent({.after = 15s, .between = 5s, .most = 3, .when_owed = true});
}

WebSocket::Event WebSocket::await(net::TimePoint deadline) { return await(deadline, true); }

WebSocket::Event WebSocket::await_busy(net::TimePoint deadline) { return await(deadline, false); }

WebSocket::Event WebSocket::await(net::TimePoint deadline, bool pinging) {
  pass_over_message();
  for (;;) {
    if (peer_close_) return Event::closed;
    switch (wait_for_input(deadline, pinging)) {
      case Input::silence:
        return Event::silence;
      case Input::woken:
        return Event::woken;
      case Input::there:
        break;
    }
    message_deadline_ = net::Deadline(pace());
    const FrameHead head = read_head();
    if (take_control(head)) continue;
    message_bytes_ = 0;
    message_read_ = 0;
    begin_frame(head);
    return Event::message;
  }
}

/// Waits until a byte is there that nobody has looked at.
WebSocket::Input WebSocket::wait_for_input(net::TimePoint deadline, bool pinging) {
  while (input_.empty()) {
    if (receive_available()) break;
    const auto limit = options_.ping_interval + (pinged_at_ ? *pinged_at_ : heard_at_);
    const net::TimePoint until = pinging ? std::min(deadline, limit) : deadline;
    switch (stream_.wait_readable(wake_fd_, until)) {
      case net::Stream::Wait::woken:
        return Input::woken;
      case net::Stream::Wait::ready:
        break;
      case net::Stream::Wait::timed_out:
        if (Clock::now() >= deadline) return Input::silence;
        ping_if_due(pinging);
    }
  }
  return Input::there;
}

/// Takes in what is there without waiting; returns whether anything was.
bool WebSocket::receive_available() {
  const std::span<char> room = input_.room();
  const auto received = stream_.read_available(room.data(), room.size());
  if (!received) return false;
  if (*received == 0)
    throw net::ConnectionError("the peer ended the connection without closing it");
  input_.received(*received);
  return true;
}

/// Says why no more bytes come where some were expected.
void WebSocket::end_of_input() {
  if (share_ && share_->interrupted()) {
    throw WebSocketError(CloseCode::try_again_later,
                         "the message stood still, and others needed its room");
  }
  throw net::ConnectionError("the peer ended the connection within a message");
}

/// Counts bytes of a message that were read into memory of the reader's.
void WebSocket::count_read(std::size_t bytes) {
  message_read_ += bytes;
  if (!share_ || message_read_ <= net::Budget::kUncountedBytes) return;
  share_->moved(bytes);
  try {
    const std::uint64_t steps = (message_read_ + kReadStepBytes - 1) / kReadStepBytes;
    hold_body(*share_,
              std::min<std::uint64_t>(steps * kReadStepBytes,
                                      std::max<std::uint64_t>(message_bytes_, message_read_)));
  } catch (const Error& error) {
    throw WebSocketError(CloseCode::try_again_later, error.what());
  }
}

void WebSocket::release_message() noexcept {
  if (share_) share_->release();
}

void WebSocket::receive_more() {
  const std::span<char> room = input_.room();
  const std::size_t received = stream_.read(room.data(), room.size(), message_deadline_.at());
  if (received == 0) end_of_input();
  input_.received(received);
}

FrameHead WebSocket::read_head() {
  for (;;) {
    if (const auto head = parse_frame_head(input_.bytes())) {
      if (head->mask.has_value() != (side_ == Side::server)) {
        throw WebSocketError(CloseCode::protocol_error,
                             side_ == Side::server ? "a frame without a mask, expected a masked one"
                                                   : "a masked frame, expected one without a mask");
      }
      input_.consume(head->head_bytes);
      heard_at_ = Clock::now();
      // Asked here, too: a peer that sends without a pause never makes a read wait.
      if (heard_at_ >= message_deadline_.at())
        throw net::TimedOut("the message was not complete in time");
      pinged_at_.reset();
      return *head;
    }
    receive_more();
  }
}

/// Goes on with a data frame's payload.
void WebSocket::begin_frame(const FrameHead& head) {
  if (head.opcode == Opcode::text) {
    throw WebSocketError(CloseCode::unsupported, "a text message, expected binary ones");
  }
  if (in_message_ != (head.opcode == Opcode::continuation)) {
    throw WebSocketError(CloseCode::protocol_error,
                         in_message_ ? "a new message within another, expected a continuation"
                                     : "a continuation, expected a message's first frame");
  }
  if (head.payload_bytes > options_.max_message_bytes - message_bytes_) {
    throw WebSocketError(
        CloseCode::too_big,
        "a message of at least " + std::to_string(message_bytes_ + head.payload_bytes) +
            " bytes, expected at most " + std::to_string(options_.max_message_bytes));
  }
  message_bytes_ += head.payload_bytes;
  in_message_ = true;
  frame_ = head;
  frame_read_ = 0;
}

/// Deals with a control frame whose head was read; returns false for a data frame.
bool WebSocket::take_control(const FrameHead& head) {
  if (!is_control(head.opcode)) return false;
  const auto size = static_cast<std::size_t>(head.payload_bytes);
  while (input_.bytes().size() < size) receive_more();
  std::string payload(input_.bytes().substr(0, size));
  input_.consume(size);
  if (head.mask) apply_mask(payload, *head.mask, 0);
  if (head.opcode == Opcode::ping) {
    send_control(Opcode::pong, payload);
  } else if (head.opcode == Opcode::close) {
    peer_close_ = parse_close(payload);
    // Answered with what it said (RFC 6455, section 5.5.1).
    send_control(Opcode::close, std::string_view(payload).substr(0, 2));
    close_sent_ = true;
  }
  return true;
}

/// Finds the message's next frame that has payload; returns false at the message's end.
bool WebSocket::next_data_frame() {
  while (in_message_ && frame_read_ == frame_.payload_bytes) {
    if (frame_.is_final) {
      in_message_ = false;
      if (share_) share_->complete();
      break;
    }
    const FrameHead head = read_head();
    if (!take_control(head)) begin_frame(head);
    if (peer_close_) throw net::ConnectionError("the peer closed within a message");
  }
  return in_message_;
}

std::size_t WebSocket::read(char* out, std::size_t size) {
  const std::size_t count = read_uncounted(out, size);
  count_read(count);
  return count;
}

std::size_t WebSocket::read_uncounted(char* out, std::size_t size) {
  if (size == 0 || !next_data_frame()) return 0;
  const std::uint64_t left = frame_.payload_bytes - frame_read_;
  std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
  if (const std::string_view buffered = input_.bytes(); !buffered.empty()) {
    count = std::min(count, buffered.size());
    std::copy_n(buffered.begin(), count, out);
    input_.consume(count);
  } else {
    count = stream_.read(out, count, message_deadline_.at());
    if (count == 0) end_of_input();
  }
  message_deadline_.moved(count);
  if (frame_.mask) apply_mask({out, count}, *frame_.mask, frame_read_ % sizeof(MaskKey));
  frame_read_ += count;
  return count;
}

void WebSocket::read_exactly(char* out, std::size_t size) {
  for (std::size_t have = 0; have < size;) {
    const std::size_t count = read(out + have, size - have);
    if (count == 0) {
      throw WebSocketError(CloseCode::policy,
                           "the message ends " + std::to_string(size - have) + " bytes too soon");
    }
    have += count;
  }
}

void WebSocket::expect_end() {
  if (!next_data_frame()) return;
  throw WebSocketError(CloseCode::policy, "the message is longer than announced");
}

std::string WebSocket::read_rest() {
  std::string rest;
  std::size_t have = 0;
  while (next_data_frame()) {
    const std::uint64_t left = frame_.payload_bytes - frame_read_;
    rest.resize(have + static_cast<std::size_t>(std::min<std::uint64_t>(left, kReadStepBytes)));
    have += read(rest.data() + have, rest.size() - have);
  }
  rest.resize(have);
  return rest;
}

void WebSocket::pass_over_message() {
  release_message();
  std::array<char, 16 * 1024> passed_over;
  while (read_uncounted(passed_over.data(), passed_over.size()) > 0) {
  }
}

/// Pings when the peer has been silent too long. Throws ConnectionError when it has been for
/// longer.
void WebSocket::ping_if_due(bool pinging) {
  if (!pinging) return;
  const auto now = Clock::now();
  if (pinged_at_ && now - *pinged_at_ >= options_.ping_interval) {
    // A slow peer may not have got as far as the ping: what it still takes is a sign of life.
    const std::size_t owed = stream_.unacknowledged();
    if (owed < std::exchange(owed_at_ping_, owed)) {
      pinged_at_ = now;
      return;
    }
    throw net::ConnectionError("the peer has not answered a ping for " +
                               std::to_string(options_.ping_interval.count()) + " ms");
  }
  if (pinged_at_ || now - heard_at_ < options_.ping_interval) return;
  send_control(Opcode::ping, {});
  owed_at_ping_ = stream_.unacknowledged();
  pinged_at_ = now;
}

bool WebSocket::still_there() noexcept {
  if (broken_ || peer_close_) return false;
  release_message();
  try {
    for (;;) {
      const auto head = parse_frame_head(input_.bytes());
      // A message is for await() to find.
      if (head && !is_control(head->opcode)) return stream_.peer_connected();
      if (head && input_.bytes().size() >= head->head_bytes + head->payload_bytes) {
        message_deadline_ = net::Deadline(pace());
        take_control(read_head());
        if (peer_close_) return false;
      } else if (!receive_available()) {
        ping_if_due(true);
        return true;
      }
    }
  } catch (const WebSocketError& error) {
    close(error.code(), error.what());
    broken_ = true;
    return false;
  } catch (const std::exception&) {
    // Whoever speaks to the peer next meets the same and says so.
    broken_ = true;
    return false;
  }
}

bool WebSocket::message_waits() const {
  const auto head = parse_frame_head(input_.bytes());
  return head && !is_control(head->opcode);
}

void WebSocket::close(CloseCode code, std::string_view reason,
                      std::chrono::milliseconds patience) noexcept {
  try {
    if (close_sent_) return;
    send_control(Opcode::close, close_payload(static_cast<std::uint16_t>(code), reason));
    close_sent_ = true;
    // Nothing that still comes puts this off.
    message_deadline_ = net::Deadline({patience, std::numeric_limits<std::size_t>::max()});
    std::array<char, 16 * 1024> passed_over;
    while (!peer_close_) {
      if (!in_message_) {
        const FrameHead head = read_head();
        if (!take_control(head)) begin_frame(head);
      }
      while (in_message_ && read_uncounted(passed_over.data(), passed_over.size()) > 0) {
      }
    }
  } catch (const std::exception&) {
    // The peer is gone, or speaks on regardless: either way the connection is over.
  }
}

}  // namespace enxame::http
