#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/input_buffer.h"
#include "http/websocket/websocket_frame.h"
#include "net/budget.h"
#include "net/deadline.h"
#include "net/stream.h"

namespace enxame::http {

struct WebSocketOptions {
  std::size_t max_message_bytes = std::size_t{256} << 20;
  /// How long a message that is being read or written may stand still, and the least rate at which
  /// it comes or goes; see Deadline.
  std::chrono::milliseconds message_timeout{30'000};
  std::size_t minimum_rate = net::Pace::kMinimumRate;
  /// How long the peer may be silent while its next message is awaited: then it is pinged, and
  /// given up after as much time again.
  std::chrono::milliseconds ping_interval{10'000};
  /// Where messages are counted while they are received and until the next one is awaited; nothing:
  /// they are not. Must outlive the WebSocket. Beyond it the peer gets close 1013.
  net::Budget* budget = nullptr;
  /// Where copies that are made in order to be sent are counted, by whoever makes them; nothing:
  /// they are not.
  net::Budget* answers = nullptr;
};

/// One end of a WebSocket (RFC 6455) behind its handshake: binary messages, one at a time in each
/// direction, read piece by piece to where they shall lie and written from where they are. Pings
/// are answered whenever something is read.
///
/// One thread uses it; what wakes that thread from another one is the descriptor that it was given.
class WebSocket {
 public:
  enum class Side { server, client };  ///< a client masks what it sends

  enum class Event {
    message,  ///< one has begun and is to be read
    silence,  ///< none has begun until the deadline
    woken,    ///< somebody wants this thread to stop waiting
    closed,   ///< the peer has closed, and was answered
  };

  /// `stream` and `input`, what was received on it and not yet consumed, must outlive this. A wait
  /// ends as soon as `wake_fd` is readable, and stays readable (-1: there is no such descriptor).
  WebSocket(net::Stream& stream, InputBuffer& input, Side side, int wake_fd,
            const WebSocketOptions& options);

  /// Waits until a message begins. Passes over what was not read of the one before. Throws
  /// WebSocketError for what the protocol forbids, ConnectionError when the connection breaks or a
  /// ping is not answered.
  Event await(net::TimePoint deadline = net::TimePoint::max());

  /// As await(), for a peer that may be too busy to answer: it is not pinged. A machine that is
  /// gone is noticed all the same, by the kernel's own probes.
  Event await_busy(net::TimePoint deadline = net::TimePoint::max());

  /// Reads at most `size` bytes of the message that has begun; 0 at its end. Throws as await()
  /// does, and TimedOut.
  std::size_t read(char* out, std::size_t size);

  /// Reads `size` bytes. Throws WebSocketError (policy) when the message ends before.
  void read_exactly(char* out, std::size_t size);

  /// Throws WebSocketError (policy) unless the message has been read to its end.
  void expect_end();

  /// Reads the rest of the message.
  std::string read_rest();

  /// Sends one message that consists of `pieces`, which together are bounded by nothing. Blocks
  /// until the kernel has taken all of it: a peer that does not read holds its sender up, until
  /// TimedOut.
  void send(std::span<const std::string_view> pieces);
  void send(std::initializer_list<std::string_view> pieces) {
    send(std::span(pieces.begin(), pieces.size()));
  }

  /// For whoever waits elsewhere: takes in what has come, without waiting, pings when it is time
  /// to. Returns whether the peer is still there.
  bool still_there() noexcept;

  /// Whether a message has begun that await() would find at once; after still_there().
  bool message_waits() const;

  /// How long the answer to a close frame is awaited.
  static constexpr std::chrono::milliseconds kCloseTime{1'000};

  /// Closes: sends the code and a reason (cut to what fits), once, and waits up to `patience` for
  /// the peer's answer. What comes after it is nobody's.
  void close(CloseCode code, std::string_view reason = {},
             std::chrono::milliseconds patience = kCloseTime) noexcept;

  /// What the peer closed with; nothing while it has not.
  const std::optional<CloseReason>& peer_close() const { return peer_close_; }

  const WebSocketOptions& options() const { return options_; }

  /// Says that what was read of the last message is counted by somebody else from now on, or gone.
  /// await() and still_there() say so themselves.
  void release_message() noexcept;

 private:
  enum class Input { there, silence, woken };

  Event await(net::TimePoint deadline, bool pinging);
  Input wait_for_input(net::TimePoint deadline, bool pinging);
  bool receive_available();
  void receive_more();
  [[noreturn]] void end_of_input();
  FrameHead read_head();
  void begin_frame(const FrameHead& head);
  bool take_control(const FrameHead& head);
  bool next_data_frame();
  void ping_if_due(bool pinging);
  void pass_over_message();
  std::size_t read_uncounted(char* out, std::size_t size);
  void count_read(std::size_t bytes);
  net::Pace pace() const { return {options_.message_timeout, options_.minimum_rate}; }
  void send_control(Opcode opcode, std::string_view payload);
  void send_masked(std::span<const std::string_view> pieces, std::size_t payload_bytes);
  MaskKey next_mask();

  net::Stream& stream_;
  InputBuffer& input_;
  const Side side_;
  const int wake_fd_;
  const WebSocketOptions options_;

  // Of the message that is being read:
  bool in_message_ = false;
  FrameHead frame_;
  std::uint64_t frame_read_ = 0;
  std::uint64_t message_bytes_ = 0;
  std::uint64_t message_read_ = 0;
  net::Deadline message_deadline_;
  std::optional<net::Budget::Share> share_;

  net::TimePoint heard_at_;
  std::optional<net::TimePoint> pinged_at_;
  std::size_t owed_at_ping_ = 0;
  bool close_sent_ = false;
  bool broken_ = false;
  std::optional<CloseReason> peer_close_;

  std::array<MaskKey, 64> masks_;
  std::size_t masks_left_ = 0;
};

}  // namespace enxame::http
