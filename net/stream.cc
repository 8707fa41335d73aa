#include "net/stream.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>

namespace enxame::net {

namespace {

[[noreturn]] void fail(const char* action) {
  throw ConnectionError(std::string(action) + ": " + std::generic_category().message(errno));
}

int milliseconds_until(TimePoint deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

/// Waits until `fd` is ready for `events` (as poll() names them); returns false at the deadline.
bool is_ready(int fd, short events, TimePoint deadline) {
  for (;;) {
    pollfd waiting{fd, events, 0};
    const int ready = poll(&waiting, 1, milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) fail("poll");
  }
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// The deadline of a write, which what the peer takes puts off.
class Progress {
 public:
  Progress(const Pace& pace, std::size_t written, std::size_t unacknowledged)
      : deadline_(pace), taken_(taken(written, unacknowledged)) {}

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

std::size_t Stream::read(char* out, std::size_t size, TimePoint deadline) {
  for (;;) {
    const ssize_t received = recv(fd_, out, size, MSG_DONTWAIT);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (would_block()) {
      if (!is_ready(fd_, POLLIN, deadline)) throw TimedOut("the peer sent nothing in time");
    } else if (errno != EINTR) {
      fail("recv");
    }
  }
}

std::size_t Stream::read_idle(char* out, std::size_t size) {
  for (;;) {
    const ssize_t received = recv(fd_, out, size, 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (would_block()) return 0;
    if (errno != EINTR) fail("recv");
  }
}

void Stream::set_idle_timeout(std::chrono::milliseconds timeout) {
  socket_.setReceiveTimeout(Poco::Timespan(timeout.count() * 1000));
}

std::optional<std::size_t> Stream::read_available(char* out, std::size_t size) {
  for (;;) {
    const ssize_t received = recv(fd_, out, size, MSG_DONTWAIT);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (would_block()) return std::nullopt;
    if (errno != EINTR) fail("recv");
  }
}

Stream::Wait Stream::wait_readable(int wake_fd, TimePoint deadline) const {
  for (;;) {
    std::array<pollfd, 2> waits{{{fd_, POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    const int ready = poll(waits.data(), waits.size(), milliseconds_until(deadline));
    if (ready < 0 && errno != EINTR) fail("poll");
    if (ready > 0) return waits[0].revents != 0 ? Wait::ready : Wait::woken;
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return Wait::timed_out;
  }
}

void Stream::probe_when_silent() {
  constexpr int kSilentSeconds = 15;
  constexpr int kSecondsBetween = 5;
  constexpr int kProbes = 3;
  // A peer that is owed bytes is not probed, only sent them again; that, too, has to end.
  constexpr unsigned kUnansweredMilliseconds = 1'000 * (kSilentSeconds + kProbes * kSecondsBetween);
  socket_.setKeepAlive(true);
  socket_.setOption(IPPROTO_TCP, TCP_KEEPIDLE, kSilentSeconds);
  socket_.setOption(IPPROTO_TCP, TCP_KEEPINTVL, kSecondsBetween);
  socket_.setOption(IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  socket_.setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, kUnansweredMilliseconds);
}

void Stream::write(std::string_view first, std::string_view second, const Pace& pace) {
  write(std::array{first, second}, pace);
}

void Stream::write(std::span<const std::string_view> pieces, const Pace& pace) {
  std::array<iovec, kMaxPieces> left;
  std::size_t end = 0;
  for (const std::string_view piece : pieces) {
    // sendmsg does not write through these; iovec has no const.
    if (!piece.empty()) left.at(end++) = {const_cast<char*>(piece.data()), piece.size()};
  }
  std::size_t written = 0;
  // Only a send that has to wait asks for the time.
  std::optional<Progress> progress;
  for (std::size_t begin = 0; begin < end;) {
    msghdr message{};
    message.msg_iov = left.data() + begin;
    message.msg_iovlen = end - begin;
    const ssize_t sent = sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (!would_block()) fail("send");
      if (!progress) progress.emplace(pace, written, unacknowledged());
      while (!is_ready(fd_, POLLOUT, progress->deadline())) {
        // The kernel wants more only when much of what it has is gone: a slow peer may have taken
        // something all the same.
        progress->look(written, unacknowledged());
        if (progress->deadline() <= std::chrono::steady_clock::now()) {
          throw TimedOut("the peer did not take what was sent in time");
        }
      }
      continue;
    }
    auto gone = static_cast<std::size_t>(sent);
    written += gone;
    for (; begin < end && gone >= left[begin].iov_len; ++begin) gone -= left[begin].iov_len;
    if (begin < end) {
      left[begin] = {static_cast<char*>(left[begin].iov_base) + gone, left[begin].iov_len - gone};
    }
    if (progress) progress->look(written, unacknowledged());
  }
}

std::size_t Stream::unacknowledged() const {
  int bytes = 0;
  if (ioctl(fd_, SIOCOUTQ, &bytes) != 0) fail("ioctl");
  return static_cast<std::size_t>(bytes);
}

bool Stream::peer_connected() const {
  pollfd end{fd_, POLLRDHUP, 0};
  return poll(&end, 1, 0) <= 0;
}

bool Stream::quiet() const {
  pollfd anything{fd_, POLLIN | POLLRDHUP, 0};
  return poll(&anything, 1, 0) == 0;
}

void Stream::linger(std::size_t max_bytes, TimePoint deadline) noexcept {
  shutdown(fd_, SHUT_WR);
  std::array<char, 16 * 1024> discarded;
  std::size_t total = 0;
  try {
    while (total < max_bytes) {
      const std::size_t received = read(discarded.data(), discarded.size(), deadline);
      if (received == 0) return;
      total += received;
      if (std::chrono::steady_clock::now() >= deadline) return;
    }
  } catch (const ConnectionError&) {
    // The peer is gone or has had its time: either way the connection is over.
  }
}

void Stream::end_reading() noexcept { shutdown(fd_, SHUT_RD); }

void Stream::shut_down() noexcept { shutdown(fd_, SHUT_RDWR); }

}  // namespace enxame::net
