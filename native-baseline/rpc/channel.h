#pragma once

#include <Poco/Net/StreamSocket.h>
#include <sys/uio.h>

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "native-baseline/rpc/pace.h"
#include "native-baseline/rpc/worker_address.h"
#include "wire/message.h"
#include "wire/outgoing_message.h"

namespace enxame::rpc {

/// A connection that could not be made or does not work any more.
class ChannelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A deadline that passed before the bytes did.
class TimedOut : public ChannelError {
 public:
  using ChannelError::ChannelError;
};

/// A TCP connection that carries whole messages, with TCP_NODELAY and keep-alive probes. One thread
/// may send while another receives, and any thread may shut it down; two may not send, nor receive,
/// at once.
///
/// A thread that has to wait does so inside of the call that moves the bytes, bounded by the
/// socket's own timeouts, so that a message costs no system calls but those that move it.
class Channel {
 public:
  /// Takes over a connected socket. Messages with a larger payload than `max_payload_bytes` are not
  /// received.
  Channel(const Poco::Net::StreamSocket& socket, std::size_t max_payload_bytes);

  /// Connects. Throws TimedOut or ChannelError.
  static Channel connect(const WorkerAddress& address, std::chrono::milliseconds timeout,
                         std::size_t max_payload_bytes);

  /// Sends all of `message`, or of `bytes`. Throws TimedOut or ChannelError; the connection is then
  /// of no use.
  void send(const wire::OutgoingMessage& message, Pace pace);
  void send(std::string_view bytes, Pace pace);

  /// Receives the next message into `message`, reusing the memory of its payload. Returns false
  /// when the peer closed the connection after the last one. Memory grows with the bytes that
  /// arrive, not with the length that the header promises. Throws TimedOut, ChannelError or
  /// ProtocolError; the connection is then of no use.
  bool receive(wire::Message& message, Deadline deadline);

  /// What receive_request() asks of those who serve.
  struct Host {
    std::chrono::milliseconds patience;  ///< see Pace::within(), from a message's first byte
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
  /// Throws TimedOut or ChannelError.
  std::optional<char> receive_byte(Deadline deadline);

  /// Ends the sending side and throws away what still comes, at most `max_bytes`, until the peer
  /// ends its own: closing at once with something unread would take back what was sent last.
  void linger(std::size_t max_bytes, Deadline deadline) noexcept;

  /// Whether there is something to receive by now: bytes, an end or an error.
  bool readable() const;

  /// Whether the peer has closed its side, or the connection was shut down or broke, as far as is
  /// known without waiting.
  bool peer_closed() const;

  /// Receives nothing more than what has arrived; sending still works. Wakes a thread that waits to
  /// receive.
  void shutdown_receive();

  /// Ends the connection and wakes whoever waits in it.
  void shutdown();

 private:
  /// How long one direction of the socket waits, as it was last told.
  struct Timeout {
    int option;
    std::chrono::milliseconds set{0};
  };

  bool receive_by(wire::Message& message, std::optional<Pace> pace, const Host& host);
  void expect_payload(wire::Buffer& payload, const Host& host);
  void receive_payload(wire::Buffer& payload, std::size_t have, std::size_t total, Pace pace,
                       const Host& host);
  void throw_away(std::size_t have, std::size_t total, Pace pace);
  std::size_t receive_some(std::span<const iovec> pieces, Deadline deadline, bool all);
  void send_pieces(std::span<iovec> pieces, Pace pace);
  int fd() const { return socket_.impl()->sockfd(); }
  int wait_at_most(Timeout& timeout, Deadline deadline);

  Poco::Net::StreamSocket socket_;
  std::size_t max_payload_bytes_;
  Timeout sending_;
  Timeout receiving_;
  std::size_t expected_bytes_;  ///< of the next payload, as the last one had
  std::string ahead_;           ///< received behind the last message
};

}  // namespace enxame::rpc
