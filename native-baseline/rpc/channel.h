#pragma once

#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "matmul/message.h"
#include "native-baseline/rpc/worker_address.h"

namespace enxame::rpc {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

inline constexpr Deadline kNever = Deadline::max();

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
class Channel {
 public:
  /// Takes over a connected socket. Messages with a larger payload than `max_payload_bytes` are not
  /// received.
  Channel(const Poco::Net::StreamSocket& socket, std::size_t max_payload_bytes);

  /// Connects. Throws TimedOut or ChannelError.
  static Channel connect(const WorkerAddress& address, Deadline deadline,
                         std::size_t max_payload_bytes);

  /// Sends all of `bytes`. Throws TimedOut or ChannelError; the connection is then of no use.
  void send(std::string_view bytes, Deadline deadline);

  /// The next message, or nothing when the peer closed the connection after the last one. Memory
  /// grows with the bytes that arrive, not with the length that the header promises. Throws
  /// TimedOut, ChannelError or ProtocolError; the connection is then of no use.
  std::optional<Message> receive(Deadline deadline);

  /// Blocks until there is something to receive: bytes, an end or an error. Returns false when
  /// `deadline` passed first.
  bool wait_readable(Deadline deadline) const;

  /// Whether the peer has closed its side, or the connection was shut down or broke, as far as is
  /// known without waiting.
  bool peer_closed() const;

  /// Receives nothing more than what has arrived; sending still works. Wakes a thread that waits to
  /// receive.
  void shutdown_receive();

  /// Ends the connection and wakes whoever waits in it.
  void shutdown();

 private:
  bool receive_exactly(char* into, std::size_t size, Deadline deadline, const char* part);

  Poco::Net::StreamSocket socket_;
  std::size_t max_payload_bytes_;
};

}  // namespace enxame::rpc
