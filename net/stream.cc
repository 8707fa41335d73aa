#include "net/stream.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>

namespace enxame::net {

namespace {

/// Input that linger() throws away whatever the limit: what is on its way in the buffers of both
/// ends when a message turns out to be too large for a small one.
constexpr std::size_t kLeastDiscarded = std::size_t{1} << 20;

[[noreturn]] void fail(int error) { throw ConnectionError(std::generic_category().message(error)); }

int milliseconds_until(TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(
      std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

/// Waits until `fd` is ready for `events` (as poll() names them); returns false at the deadline.
bool is_ready(int fd, short events, TimePoint deadline) {
  for (;;) {
    pollfd waiting{fd, events, 0};
    const int ready = poll(&waiting, 1, milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready == 0 && Clock::now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) fail(errno);
  }
}

/// Repeats a step of TLS until it is done; returns the bytes that it has moved, nothing when it is
/// not done by the deadline.
template <typename Action>
std::optional<std::size_t> done_by(TimePoint deadline, int fd, const Action& action) {
  for (;;) {
    const Tls::Step step = action();
    if (step.awaits == 0) return step.bytes;
    if (!is_ready(fd, step.awaits, deadline)) return std::nullopt;
  }
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// The deadline of a write, which what the peer takes puts off.
class Progress {
 public:
  Progress(const Deadline& deadline, std::size_t written, std::size_t unacknowledged)
      : deadline_(deadline), taken_(taken(written, unacknowledged)) {}

  TimePoint deadline() const { return deadline_.at(); }

  void look(std::size_t written, std::size_t unacknowledged) {
    const std::int64_t now_taken = taken(written, unacknowledged);
    if (now_taken > taken_) deadline_.moved(static_cast<std::size_t>(now_taken - taken_));
    taken_ = now_taken;
  }

 private:
  /// Negative as long as there is something left of an earlier write.
  static std::int64_t taken(std::size_t written, std::size_t unacknowledged) {
    return static_cast<std::int64_t>(written) - static_cast<std::int64_t>(unacknowledged);
  }

  Deadline deadline_;
  std::int64_t taken_;
};

}  // namespace

Stream::Stream(const Poco::Net::StreamSocket& socket)
    : socket_(socket), fd_(socket_.impl()->sockfd()) {
  socket_.setNoDelay(true);
}

Stream Stream::connect(const std::string& host, std::uint16_t port,
                       std::chrono::milliseconds timeout) {
  try {
    Poco::Net::StreamSocket socket;
    socket.connectNB(Poco::Net::SocketAddress(host, port));
    if (!is_ready(socket.impl()->sockfd(), POLLOUT, Clock::now() + timeout)) {
      throw TimedOut("no connection within " + std::to_string(timeout.count()) + " ms");
    }
    if (const int error = socket.impl()->socketError(); error != 0) fail(error);
    socket.setBlocking(true);
    return Stream(socket);
  } catch (const Poco::Exception& error) {
    throw ConnectionError(error.displayText());
  }
}

void Stream::start_tls(const TlsServer& server, TimePoint deadline) {
  shake_hands(std::make_unique<Tls>(server, fd_), deadline);
}

void Stream::start_tls(const TlsClient& client, const std::string& host, TimePoint deadline) {
  shake_hands(std::make_unique<Tls>(client, host, fd_), deadline);
}

void Stream::shake_hands(std::unique_ptr<Tls> tls, TimePoint deadline) {
  if (!done_by(deadline, fd_, [&] { return tls->shake_hands(); })) {
    throw TimedOut("the peer did not shake hands in time");
  }
  tls_ = std::move(tls);
}

std::optional<std::size_t> Stream::receive_decrypted(std::span<const iovec> pieces,
                                                     TimePoint deadline, Fill fill) {
  std::size_t total = 0;
  for (const iovec& piece : pieces) {
    for (std::size_t have = 0; have < piece.iov_len;) {
      char* const out = static_cast<char*>(piece.iov_base) + have;
      const auto received =
          done_by(deadline, fd_, [&] { return tls_->read(out, piece.iov_len - have); });
      if (!received) return total > 0 ? std::optional(total) : std::nullopt;
      have += *received;
      total += *received;
      if (*received == 0 || fill == Fill::some) return total;
    }
  }
  return total;
}

std::optional<std::size_t> Stream::receive(std::span<const iovec> pieces, TimePoint deadline,
                                           Fill fill) {
  if (tls_) return receive_decrypted(pieces, deadline, fill);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // recvmsg leaves the pieces as they are
  message.msg_iovlen = pieces.size();
  const int fill_flag = fill == Fill::all ? MSG_WAITALL : 0;
  for (;;) {
    const ssize_t received = recvmsg(fd_, &message, wait_at_most(deadline) | fill_flag);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (would_block()) {
      if (Clock::now() >= deadline) return std::nullopt;
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
}

/// Sees to it that a call that receives waits until `deadline` and little longer; returns the flag
/// of one that must not wait at all.
int Stream::wait_at_most(TimePoint deadline) {
  std::chrono::milliseconds left{0};
  if (deadline != kNever) {
    left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return MSG_DONTWAIT;
  }
  if (left != receive_timeout_) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timeval time{static_cast<time_t>(seconds.count()),
                       static_cast<suseconds_t>(std::chrono::microseconds(left - seconds).count())};
    if (setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) != 0) fail(errno);
    receive_timeout_ = left;
  }
  return 0;
}

std::size_t Stream::read(char* out, std::size_t size, TimePoint deadline) {
  const std::array<iovec, 1> piece{{{out, size}}};
  const std::optional<std::size_t> received = receive(piece, deadline);
  if (!received) throw TimedOut("the peer sent nothing in time");
  return *received;
}

std::optional<std::size_t> Stream::read_available(char* out, std::size_t size) {
  if (tls_) {
    const Tls::Step step = tls_->read(out, size);
    return step.awaits == 0 ? std::optional(step.bytes) : std::nullopt;
  }
  for (;;) {
    const ssize_t received = recv(fd_, out, size, MSG_DONTWAIT);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (would_block()) return std::nullopt;
    if (errno != EINTR) fail(errno);
  }
}

Stream::Wait Stream::wait_readable(int wake_fd, TimePoint deadline) const {
  if (tls_ && tls_->has_pending()) return Wait::ready;
  for (;;) {
    std::array<pollfd, 2> waits{{{fd_, POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    const int ready = poll(waits.data(), waits.size(), milliseconds_until(deadline));
    if (ready < 0 && errno != EINTR) fail(errno);
    if (ready > 0) return waits[0].revents != 0 ? Wait::ready : Wait::woken;
    if (ready == 0 && Clock::now() >= deadline) return Wait::timed_out;
  }
}

void Stream::probe_when_silent(const Probes& probes) {
  socket_.setKeepAlive(true);
  socket_.setOption(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(probes.after.count()));
  socket_.setOption(IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(probes.between.count()));
  socket_.setOption(IPPROTO_TCP, TCP_KEEPCNT, probes.most);
  if (!probes.when_owed) return;
  const std::chrono::milliseconds unanswered = probes.after + probes.most * probes.between;
  socket_.setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(unanswered.count()));
}

void Stream::write(std::string_view bytes, Deadline deadline) {
  write(std::array{bytes}, deadline);
}

void Stream::write(std::span<const std::string_view> pieces, Deadline deadline) {
  std::array<iovec, kMaxPieces> left;
  std::size_t end = 0;
  for (const std::string_view piece : pieces) {
    // sendmsg does not write through these; iovec has no const.
    if (!piece.empty()) left.at(end++) = {const_cast<char*>(piece.data()), piece.size()};
  }
  std::size_t written = 0;
  // Only a send that has to wait looks at what the peer has taken.
  std::optional<Progress> progress;
  for (std::size_t begin = 0; begin < end;) {
    const Tls::Step sent = send_some(std::span(left).subspan(begin, end - begin));
    if (sent.awaits != 0) {
      if (!progress) progress.emplace(deadline, written, unacknowledged());
      while (!is_ready(fd_, sent.awaits, progress->deadline())) {
        // The kernel wants more only when much of what it has is gone: a slow peer may have taken
        // something all the same.
        progress->look(written, unacknowledged());
        if (progress->deadline() <= Clock::now()) {
          throw TimedOut("the peer did not take what was sent in time");
        }
      }
      continue;
    }
    std::size_t gone = sent.bytes;
    written += gone;
    for (; begin < end && gone >= left[begin].iov_len; ++begin) gone -= left[begin].iov_len;
    if (begin < end) {
      left[begin] = {static_cast<char*>(left[begin].iov_base) + gone, left[begin].iov_len - gone};
    }
    if (progress) progress->look(written, unacknowledged());
  }
}

/// Sends something of the pieces without waiting.
Tls::Step Stream::send_some(std::span<iovec> pieces) {
  if (tls_) return tls_->write(pieces);
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t sent = sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return {.bytes = static_cast<std::size_t>(sent)};
    if (would_block()) return {.awaits = POLLOUT};
    if (errno != EINTR) fail(errno);
  }
}

std::size_t Stream::unacknowledged() const {
  int bytes = 0;
  if (ioctl(fd_, SIOCOUTQ, &bytes) != 0) fail(errno);
  return static_cast<std::size_t>(bytes);
}

bool Stream::peer_connected() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  // The state of the protocol, not of the socket: end_reading() must not look like the peer's
  // doing.
  if (getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_state == TCP_ESTABLISHED;
}

bool Stream::quiet() const {
  pollfd anything{fd_, POLLIN | POLLRDHUP, 0};
  return poll(&anything, 1, 0) == 0;
}

void Stream::linger(std::size_t max_bytes, TimePoint deadline) noexcept {
  if (tls_) tls_->end_writing();
  shutdown(fd_, SHUT_WR);
  std::array<char, 16 * 1024> discarded;
  const std::size_t most = std::max(max_bytes, kLeastDiscarded);
  std::size_t total = 0;
  try {
    while (total < most) {
      const std::size_t received = read(discarded.data(), discarded.size(), deadline);
      if (received == 0) return;
      total += received;
      if (Clock::now() >= deadline) return;
    }
  } catch (const ConnectionError&) {
    // The peer is gone or has had its time: either way the connection is over.
  }
}

void Stream::end_reading() noexcept { shutdown(fd_, SHUT_RD); }

void Stream::shut_down() noexcept { shutdown(fd_, SHUT_RDWR); }

}  // namespace enxame::net
