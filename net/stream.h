#pragma once

#include <Poco/Net/StreamSocket.h>
#include <sys/uio.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/connection_error.h"
#include "net/deadline.h"
#include "net/tls.h"

namespace enxame::net {

/// How the kernel asks a silent peer whether it is still there.
struct Probes {
  std::chrono::seconds after;  ///< of silence
  std::chrono::seconds between;
  int most;  ///< without an answer; then the connection breaks
  /// A peer that is owed bytes is not probed, only sent them again: whether that breaks the
  /// connection after as long a time, too.
  bool when_owed = false;
};

/// A connected socket whose reads and writes are bounded by deadlines, however slowly the peer
/// trickles. One thread may read while another writes, unless it speaks TLS; shut_down() and
/// end_reading() may be called by any.
class Stream {
 public:
  /// Shares `socket`, as copies of Poco's sockets do; turns on TCP_NODELAY.
  explicit Stream(const Poco::Net::StreamSocket& socket);
  Stream(Stream&&) = default;
  Stream& operator=(Stream&&) = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() = default;

  /// Connects to a name or an address, IPv6 without brackets. Throws TimedOut and ConnectionError.
  static Stream connect(const std::string& host, std::uint16_t port,
                        std::chrono::milliseconds timeout);

  /// Speaks TLS from now on, as the server's end, or the client's of `host` (see Tls). Throws
  /// TimedOut, PlainHttp, and ConnectionError where the peer does not speak it or is not believed;
  /// then nothing has changed but for what was read.
  void start_tls(const TlsServer& server, TimePoint deadline);
  void start_tls(const TlsClient& client, const std::string& host, TimePoint deadline);

  enum class Fill {
    some,  ///< what is there, waiting for the first byte
    all,   ///< as much as there is room for, unless the peer ends or time is up before
  };

  /// Receives into the pieces, one after the other. Waits inside of the call that moves the bytes,
  /// bounded by the socket's own timeout: where that is the last call's, it costs one system call.
  /// Returns 0 when the peer has ended its side, nothing when nothing came until the deadline.
  /// Throws ConnectionError.
  std::optional<std::size_t> receive(std::span<const iovec> pieces, TimePoint deadline,
                                     Fill fill = Fill::some);

  /// As receive(), at most `size` bytes. Throws TimedOut when nothing came.
  std::size_t read(char* out, std::size_t size, TimePoint deadline);

  /// As read(), without waiting: nothing when nothing is there.
  std::optional<std::size_t> read_available(char* out, std::size_t size);

  enum class Wait { ready, woken, timed_out };

  /// Waits until there is something to read, the peer's end included, or `wake_fd` is readable (-1:
  /// there is none), or until the deadline.
  Wait wait_readable(int wake_fd, TimePoint deadline) const;

  /// Has the kernel ask a silent peer now and then whether it is still there, and break the
  /// connection to a machine that does not answer.
  void probe_when_silent(const Probes& probes);

  /// The most pieces that are sent at a time.
  static constexpr std::size_t kMaxPieces = 16;

  /// Sends the pieces one after the other, from where they lie, together where they fit; at most
  /// kMaxPieces. What the peer has acknowledged is progress. Throws TimedOut and ConnectionError.
  void write(std::span<const std::string_view> pieces, Deadline deadline);
  void write(std::string_view bytes, Deadline deadline);

  /// The bytes that were written and that the peer has not acknowledged.
  std::size_t unacknowledged() const;

  /// Whether the peer's side is still open, and ours is. One system call that does not wait.
  bool peer_connected() const;

  /// Whether nothing has come from the peer: no bytes, no end, no error.
  bool quiet() const;

  /// Ends a connection so that the peer gets what was last sent, even when it is still sending:
  /// closing with unread input would reset the connection and take the answer away. Ends the
  /// writing side and throws input away until the peer has ended its own, or `max_bytes` (1 MiB at
  /// least) have come, or at `deadline`.
  void linger(std::size_t max_bytes, TimePoint deadline) noexcept;

  /// Makes a waiting and every later read() return 0 as soon as no bytes are left.
  void end_reading() noexcept;

  /// Ends both directions at once.
  void shut_down() noexcept;

 private:
  int wait_at_most(TimePoint deadline);
  void shake_hands(std::unique_ptr<Tls> tls, TimePoint deadline);
  std::optional<std::size_t> receive_decrypted(std::span<const iovec> pieces, TimePoint deadline,
                                               Fill fill);
  Tls::Step send_some(std::span<iovec> pieces);

  Poco::Net::StreamSocket socket_;
  int fd_;
  std::chrono::milliseconds receive_timeout_{0};  ///< as the socket was last told; 0: none
  std::unique_ptr<Tls> tls_;                      ///< nothing: what is sent is what is written
};

}  // namespace enxame::net
