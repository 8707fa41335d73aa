#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "native-baseline/rpc/worker_address.h"
#include "net/deadline.h"
#include "net/stream.h"
#include "wire/message.h"
#include "wire/outgoing_message.h"

namespace enxame::rpc {

/// How slowly a client may move a message, for those who serve: a large one over a slow line passes
/// then; a byte now and then, or much at once and then nothing, keeps a connection no longer than
/// `timeout`.
inline net::Pace message_pace(std::chrono::milliseconds timeout) {
  return {.timeout = timeout, .minimum_rate = std::size_t{64} << 10};
}

/// A TCP connection that carries whole messages, with keep-alive probes. One thread may send while
/// another receives, and any thread may shut it down; two may not send, nor receive, at once. A
/// message that is received costs no system calls but those that move it.
class Channel {
 public:
  /// Takes over a connection. Messages with a larger payload than `max_payload_bytes` are not
  /// received. Throws net::ConnectionError.
  Channel(net::Stream stream, std::size_t max_payload_bytes);

  /// Connects. Throws net::TimedOut or net::ConnectionError.
  static Channel connect(const WorkerAddress& address, std::chrono::milliseconds timeout,
                         std::size_t max_payload_bytes);

  /// Sends all of `message`, or of `bytes`. Throws net::TimedOut or net::ConnectionError; the
  /// connection is then of no use.
  void send(const wire::OutgoingMessage& message, net::Deadline deadline);
  void send(std::string_view bytes, net::Deadline deadline);

  /// Receives the next message into `message`, reusing the memory of its payload. Returns false
  /// when the peer closed the connection after the last one. Memory grows with the bytes that
  /// arrive, not with the length that the header promises. Throws net::TimedOut,
  /// net::ConnectionError or ProtocolError; the connection is then of no use.
  bool receive(wire::Message& message, net::TimePoint deadline);

  /// What receive_request() asks of those who serve.
  struct Host {
    std::chrono::milliseconds patience;  ///< see message_pace(), from a message's first byte
    std::function<void()> idle;          ///< after a silence of as long
    /// Before the payload's memory becomes larger: throws NoRoom where there is none to be had.
    std::function<void(std::size_t bytes)> make_room;
  };

  /// The same for a peer who may take as long as it likes to begin. After a long silence the memory
  /// of the payload is given back. Throws NoRoom, too, when there is no memory for a message that
  /// has then been received and thrown away, but for its header: the connection is as good as
  /// before.
  bool receive_request(wire::Message& message, const Host& host);

  /// Receives one byte, reading nothing ahead. Returns nothing when the peer closed the connection.
  /// Throws net::TimedOut or net::ConnectionError.
  std::optional<char> receive_byte(net::TimePoint deadline);

  /// The connection that carries the messages, for what is neither sending nor receiving one.
  net::Stream& stream() { return stream_; }
  const net::Stream& stream() const { return stream_; }

 private:
  bool receive_by(wire::Message& message, std::optional<net::Deadline> deadline, const Host& host);
  void expect_payload(wire::Buffer& payload, const Host& host);
  void receive_payload(wire::Buffer& payload, std::size_t have, std::size_t total,
                       net::Deadline deadline, const Host& host);
  void throw_away(std::size_t have, std::size_t total, net::Deadline deadline);

  net::Stream stream_;
  std::size_t max_payload_bytes_;
  std::size_t expected_bytes_;  ///< of the next payload, as the last one had
  std::string ahead_;           ///< received behind the last message
};

}  // namespace enxame::rpc
