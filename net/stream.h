#pragma once

#include <Poco/Net/StreamSocket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

#include "net/deadline.h"

namespace enxame::net {

/// A connection that failed: reset, or closed where more was expected.
class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A read or write that was not done by its deadline.
class TimedOut : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

/// A connected socket whose reads and writes are bounded by deadlines, however slowly the peer
/// trickles. One thread reads and writes; shut_down() and end_reading() may be called by
/// others.
class Stream {
 public:
  /// Shares `socket`, as copies of Poco's sockets do; turns on TCP_NODELAY.
  explicit Stream(const Poco::Net::StreamSocket& socket);

  /// Reads what is there, at most `size` bytes, waiting for the first of them. Returns 0 when the
  /// peer has ended its side. Throws TimedOut and ConnectionError.
  std::size_t read(char* out, std::size_t size, TimePoint deadline);

  /// As read(), with a time to wait that is set once by set_idle_timeout() and costs no further
  /// system call. Returns 0 also when that has passed.
  std::size_t read_idle(char* out, std::size_t size);
  void set_idle_timeout(std::chrono::milliseconds timeout);

  /// As read(), without waiting: nothing when nothing is there.
  std::optional<std::size_t> read_available(char* out, std::size_t size);

  enum class Wait { ready, woken, timed_out };

  /// Waits until there is something to read, the peer's end included, or `wake_fd` is readable (-1:
  /// there is none), or until the deadline.
  Wait wait_readable(int wake_fd, TimePoint deadline) const;

  /// Has the kernel ask a silent peer now and then whether it is still there, and break the
  /// connection to a machine that does not answer.
  void probe_when_silent();

  /// The most pieces that are sent at a time.
  static constexpr std::size_t kMaxPieces = 16;

  /// Sends the pieces one after the other, from where they lie, together where they fit; at most
  /// kMaxPieces. What the peer has acknowledged is progress. Throws TimedOut and ConnectionError.
  void write(std::span<const std::string_view> pieces, const Pace& pace);
  void write(std::string_view first, std::string_view second, const Pace& pace);

  /// The bytes that were written and that the peer has not acknowledged.
  std::size_t unacknowledged() const;

  /// Whether the peer's side is still open. One system call that does not wait.
  bool peer_connected() const;

  /// Whether nothing has come from the peer: no bytes, no end, no error.
  bool quiet() const;

  /// Ends a connection so that the peer gets what was last sent, even when it is still sending:
  /// closing with unread input would reset the connection and take the answer away. Ends the
  /// writing side and throws input away until the peer has ended its own, or `max_bytes` have come,
  /// or at `deadline`.
  void linger(std::size_t max_bytes, TimePoint deadline) noexcept;

  /// Makes a waiting and every later read() return 0 as soon as no bytes are left.
  void end_reading() noexcept;

  /// Ends both directions at once.
  void shut_down() noexcept;

 private:
  Poco::Net::StreamSocket socket_;
  int fd_;
};

}  // namespace enxame::net
