#include "http/websocket.h"

#include <sys/random.h>

#include <algorithm>
#include <numeric>
#include <system_error>
#include <vector>

namespace enxame::http {

namespace {

using Clock = std::chrono::steady_clock;

// Read in steps, so that memory is taken as bytes arrive and not when they are announced.
constexpr std::size_t kReadStepBytes = 512 * 1024;

// What a client masks at a time: it stays in the cache between the masking and the sending.
constexpr std::size_t kMaskStepBytes = 128 * 1024;

std::size_t total(std::span<const std::string_view> pieces) {
  return std::accumulate(
      pieces.begin(), pieces.end(), std::size_t{0},
      [](std::size_t sum, std::string_view piece) { return sum + piece.size(); });
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return payload.append(reason.substr(0, kMaxControlBytes - payload.size()));
}

}  // namespace

WebSocket::WebSocket(Stream& stream, InputBuffer& input, Side side, int wake_fd,
                     const WebSocketOptions& options)
    : stream_(stream),
      input_(input),
      side_(side),
      wake_fd_(wake_fd),
      options_(options),
      heard_at_(Clock::now()) {
  stream_.probe_when_silent();
}

WebSocket::Event WebSocket::await(TimePoint deadline) { return await(deadline, true); }

WebSocket::Event WebSocket::await_busy(TimePoint deadline) { return await(deadline, false); }

WebSocket::Event WebSocket::await(TimePoint deadline, bool pinging) {
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
    message_deadline_ = Clock::now() + options_.message_timeout;
    const FrameHead head = read_head();
    if (take_control(head)) continue;
    message_bytes_ = 0;
    begin_frame(head);
    return Event::message;
  }
}

/// Waits until a byte is there that nobody has looked at.
WebSocket::Input WebSocket::wait_for_input(TimePoint deadline, bool pinging) {
  while (input_.empty()) {
    if (receive_available()) break;
    const auto limit = options_.ping_interval + (pinged_at_ ? *pinged_at_ : heard_at_);
    const TimePoint until = pinging ? std::min(deadline, limit) : deadline;
    switch (stream_.wait_readable(wake_fd_, until)) {
      case Stream::Wait::woken:
        return Input::woken;
      case Stream::Wait::ready:
        break;
      case Stream::Wait::timed_out:
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
  if (*received == 0) throw ConnectionError("the peer ended the connection without closing it");
  input_.received(*received);
  return true;
}

void WebSocket::receive_more() {
  const std::span<char> room = input_.room();
  const std::size_t received = stream_.read(room.data(), room.size(), message_deadline_);
  if (received == 0) throw ConnectionError("the peer ended the connection within a message");
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
      if (heard_at_ >= message_deadline_) throw TimedOut("the message was not complete in time");
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
      break;
    }
    const FrameHead head = read_head();
    if (!take_control(head)) begin_frame(head);
    if (peer_close_) throw ConnectionError("the peer closed within a message");
  }
  return in_message_;
}

std::size_t WebSocket::read(char* out, std::size_t size) {
  if (size == 0 || !next_data_frame()) return 0;
  const std::uint64_t left = frame_.payload_bytes - frame_read_;
  std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
  if (const std::string_view buffered = input_.bytes(); !buffered.empty()) {
    count = std::min(count, buffered.size());
    std::copy_n(buffered.begin(), count, out);
    input_.consume(count);
  } else {
    count = stream_.read(out, count, message_deadline_);
    if (count == 0) throw ConnectionError("the peer ended the connection within a message");
  }
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
  throw WebSocketError(CloseCode::policy, "the message goes on where its end was expected");
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
  std::array<char, 16 * 1024> passed_over;
  while (read(passed_over.data(), passed_over.size()) > 0) {
  }
}

void WebSocket::send(std::span<const std::string_view> pieces) {
  const std::size_t payload_bytes = total(pieces);
  if (side_ == Side::client) {
    send_masked(pieces, payload_bytes);
    return;
  }
  std::array<char, kMaxFrameHeadBytes> head;
  std::vector<std::string_view> all{write_frame_head({.payload_bytes = payload_bytes}, head)};
  all.insert(all.end(), pieces.begin(), pieces.end());
  stream_.write(all, options_.message_timeout);
}

void WebSocket::send_masked(std::span<const std::string_view> pieces, std::size_t payload_bytes) {
  std::array<char, kMaxFrameHeadBytes> head_bytes;
  const FrameHead head{.mask = next_mask(), .payload_bytes = payload_bytes};
  std::vector<char> step;
  step.reserve(std::min(kMaxFrameHeadBytes + payload_bytes, kMaskStepBytes));
  const std::string_view written_head = write_frame_head(head, head_bytes);
  step.assign(written_head.begin(), written_head.end());
  std::size_t masked = step.size();  // how much of `step` is ready to be sent
  std::size_t offset = 0;            // into the payload
  const auto flush = [&] {
    apply_mask(std::span(step).subspan(masked), *head.mask, offset % sizeof(MaskKey));
    offset += step.size() - masked;
    stream_.write({step.data(), step.size()}, {}, options_.message_timeout);
    step.clear();
    masked = 0;
  };
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const std::size_t count = std::min(piece.size(), kMaskStepBytes - step.size());
      step.insert(step.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
      piece.remove_prefix(count);
      if (step.size() == kMaskStepBytes) flush();
    }
  }
  if (!step.empty()) flush();
}

void WebSocket::send_control(Opcode opcode, std::string_view payload) {
  if (close_sent_) return;
  FrameHead head{.opcode = opcode, .payload_bytes = payload.size()};
  std::string masked(payload);
  if (side_ == Side::client) {
    head.mask = next_mask();
    apply_mask(masked, *head.mask, 0);
  }
  std::array<char, kMaxFrameHeadBytes> head_bytes;
  stream_.write(write_frame_head(head, head_bytes), masked, options_.message_timeout);
}

/// Pings when the peer has been silent too long. Throws ConnectionError when it has been for
/// longer.
void WebSocket::ping_if_due(bool pinging) {
  if (!pinging) return;
  const auto now = Clock::now();
  if (pinged_at_ && now - *pinged_at_ >= options_.ping_interval) {
    throw ConnectionError("the peer has not answered a ping for " +
                          std::to_string(options_.ping_interval.count()) + " ms");
  }
  if (pinged_at_ || now - heard_at_ < options_.ping_interval) return;
  send_control(Opcode::ping, {});
  pinged_at_ = now;
}

bool WebSocket::still_there() noexcept {
  if (broken_ || peer_close_) return false;
  try {
    for (;;) {
      const auto head = parse_frame_head(input_.bytes());
      // A message is for await() to find.
      if (head && !is_control(head->opcode)) return stream_.peer_connected();
      if (head && input_.bytes().size() >= head->head_bytes + head->payload_bytes) {
        message_deadline_ = Clock::now() + options_.message_timeout;
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
    message_deadline_ = Clock::now() + patience;
    std::array<char, 16 * 1024> passed_over;
    while (!peer_close_) {
      if (!in_message_) {
        const FrameHead head = read_head();
        if (!take_control(head)) begin_frame(head);
      }
      while (in_message_ && read(passed_over.data(), passed_over.size()) > 0) {
      }
    }
  } catch (const std::exception&) {
    // The peer is gone, or speaks on regardless: either way the connection is over.
  }
}

MaskKey WebSocket::next_mask() {
  if (masks_left_ == 0) {
    if (getrandom(masks_.data(), sizeof masks_, 0) != ssize_t{sizeof masks_}) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    masks_left_ = masks_.size();
  }
  return masks_[--masks_left_];
}

}  // namespace enxame::http
