#include "native-baseline/rpc/channel.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

#include "native-baseline/local/memory_budget.h"
#include "native-baseline/rpc/huge_pages.h"

namespace enxame::rpc {
namespace {

using namespace std::chrono_literals;

/// The first piece of a payload's memory; what follows doubles with what has arrived.
constexpr std::size_t kFirstPieceBytes = std::size_t{1} << 20;

/// What receive_some() says when the deadline passed before anything came.
constexpr std::size_t kTimeIsUp = SIZE_MAX;

/// What any message may take without a second look.
constexpr std::size_t kFirstExpectedBytes = std::size_t{1} << 12;

[[noreturn]] void throw_errno(int error) {
  throw ChannelError(std::generic_category().message(error));
}

/// Waits until `events` or an error can be seen on `fd`. Returns false when `deadline` passed
/// first.
bool wait_for(int fd, short events, Deadline deadline) {
  pollfd wanted{fd, events, 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::clamp(left, 0ms, 60'000ms).count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) throw_errno(errno);
    if (ready == 0 && left <= 60'000ms) return false;
  }
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

iovec piece(const void* bytes, std::size_t size) {
  return {const_cast<void*>(bytes), size};  // sendmsg does not write through it
}

std::string so_far(std::size_t have, std::size_t size, const char* part) {
  return " after " + std::to_string(have) + " of " + std::to_string(size) + " bytes of a " + part;
}

TimedOut too_late(std::size_t have, std::size_t size, const char* part) {
  return TimedOut("time is up" + so_far(have, size, part));
}

ChannelError cut_off(std::size_t have, std::size_t size, const char* part) {
  return ChannelError("connection closed" + so_far(have, size, part));
}

}  // namespace

Channel::Channel(const Poco::Net::StreamSocket& socket, std::size_t max_payload_bytes)
    : socket_(socket),
      max_payload_bytes_(max_payload_bytes),
      sending_{SO_SNDTIMEO},
      receiving_{SO_RCVTIMEO},
      expected_bytes_(kFirstExpectedBytes) {
  try {
    socket_.setBlocking(true);
    socket_.setNoDelay(true);
    // A peer whose machine vanished is noticed after two minutes of silence, even when nobody
    // sends.
    socket_.setKeepAlive(true);
    socket_.setOption(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    socket_.setOption(IPPROTO_TCP, TCP_KEEPINTVL, 10);
    socket_.setOption(IPPROTO_TCP, TCP_KEEPCNT, 6);
  } catch (const Poco::Exception& error) {
    throw ChannelError(error.displayText());
  }
}

Channel Channel::connect(const WorkerAddress& address, std::chrono::milliseconds timeout,
                         std::size_t max_payload_bytes) {
  try {
    Poco::Net::StreamSocket socket;
    socket.connectNB(Poco::Net::SocketAddress(address.host, address.port));
    if (!wait_for(socket.impl()->sockfd(), POLLOUT, Clock::now() + timeout)) {
      throw TimedOut("no connection within " + std::to_string(timeout.count()) + " ms");
    }
    if (const int error = socket.impl()->socketError(); error != 0) throw_errno(error);
    return {socket, max_payload_bytes};
  } catch (const Poco::Exception& error) {
    throw ChannelError(error.displayText());
  }
}

void Channel::send(const wire::OutgoingMessage& message, Pace pace) {
  std::vector<iovec> pieces;
  for (const std::string_view bytes : message.pieces()) {
    pieces.push_back(piece(bytes.data(), bytes.size()));
  }
  send_pieces(pieces, pace);
}

void Channel::send(std::string_view bytes, Pace pace) {
  std::array<iovec, 1> pieces{piece(bytes.data(), bytes.size())};
  send_pieces(pieces, pace);
}

void Channel::send_pieces(std::span<iovec> pieces, Pace pace) {
  while (!pieces.empty()) {
    const Deadline deadline = pace.deadline();
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t result =
        ::sendmsg(fd(), &message, MSG_NOSIGNAL | wait_at_most(sending_, deadline));
    if (result < 0) {
      if (would_block(errno) && Clock::now() >= deadline) {
        throw TimedOut("peer did not take the message in time");
      }
      if (!would_block(errno) && errno != EINTR) throw_errno(errno);
      continue;
    }
    auto sent = static_cast<std::size_t>(result);
    pace.moved(sent);
    while (!pieces.empty() && sent >= pieces.front().iov_len) {
      sent -= pieces.front().iov_len;
      pieces = pieces.subspan(1);
    }
    if (!pieces.empty()) {
      pieces.front() =
          piece(static_cast<char*>(pieces.front().iov_base) + sent, pieces.front().iov_len - sent);
    }
  }
}

bool Channel::receive(wire::Message& message, Deadline deadline) {
  return receive_by(message, Pace(deadline), {{}, [] {}, [](std::size_t) {}});
}

bool Channel::receive_request(wire::Message& message, const Host& host) {
  return receive_by(message, std::nullopt, host);
}

/// The header and as much payload as is expected come with one call; nearly always that is all.
bool Channel::receive_by(wire::Message& message, std::optional<Pace> pace, const Host& host) {
  std::array<char, wire::kMessageHeaderBytes> head;
  wire::Buffer& payload = message.payload;
  expect_payload(payload, host);
  std::size_t have = std::min(ahead_.size(), head.size());
  std::memcpy(head.data(), ahead_.data(), have);
  std::size_t have_payload = ahead_.size() - have;
  std::memcpy(payload.data(), ahead_.data() + have, have_payload);
  ahead_.clear();

  while (have < head.size()) {
    if (have > 0 && !pace) pace = Pace::within(host.patience);
    const std::array<iovec, 2> pieces{piece(head.data() + have, head.size() - have),
                                      piece(payload.data(), expected_bytes_)};
    const std::size_t received =
        receive_some(pieces, pace ? pace->deadline() : Clock::now() + host.patience, false);
    if (received == kTimeIsUp) {
      if (!pace) {  // nothing has begun
        host.idle();
        expected_bytes_ = kFirstExpectedBytes;
        payload.resize(expected_bytes_);
        payload.shrink_to_fit();
        continue;
      }
      throw too_late(have, head.size(), "header");
    }
    if (received == 0) {
      if (have == 0) return false;
      throw cut_off(have, head.size(), "header");
    }
    const std::size_t of_head = std::min(received, head.size() - have);
    have += of_head;
    have_payload = received - of_head;
    if (pace) pace->moved(received);
  }

  message.header = wire::parse_message_header({head.data(), head.size()}, max_payload_bytes_);
  const auto total = static_cast<std::size_t>(message.header.payload_bytes);
  if (have_payload > total) {
    ahead_.assign(payload.data() + total, have_payload - total);
    have_payload = total;
  }
  if (have_payload < total) {
    if (!pace) pace = Pace::within(host.patience);
    receive_payload(payload, have_payload, total, *pace, host);
  }
  payload.resize(total);
  expected_bytes_ = std::clamp(total, kFirstExpectedBytes, kFirstPieceBytes);
  return true;
}

/// Makes room for as much as comes with the header.
void Channel::expect_payload(wire::Buffer& payload, const Host& host) {
  try {
    if (expected_bytes_ > payload.capacity()) host.make_room(expected_bytes_);
  } catch (const native::NoRoom&) {  // nothing has been asked for: it may yet fit
    expected_bytes_ = kFirstExpectedBytes;
  }
  payload.resize(std::max(expected_bytes_, ahead_.size()));
}

/// What is missing of a payload of `total` bytes.
void Channel::receive_payload(wire::Buffer& payload, std::size_t have, std::size_t total, Pace pace,
                              const Host& host) {
  while (have < total) {
    const std::size_t room =
        std::min(total, std::max({kFirstPieceBytes, 2 * have, payload.capacity()}));
    try {
      if (room > payload.capacity()) host.make_room(room);
      payload.resize(room);
    } catch (const native::NoRoom&) {
      payload = wire::Buffer();
      throw_away(have, total, pace);
      throw;
    } catch (const std::bad_alloc&) {
      payload = wire::Buffer();
      throw_away(have, total, pace);
      throw native::NoRoom("out of memory", false);
    }
    prefer_huge_pages(payload);
    const std::array<iovec, 1> pieces{piece(payload.data() + have, payload.size() - have)};
    const std::size_t received = receive_some(pieces, pace.deadline(), true);
    if (received == kTimeIsUp) throw too_late(have, total, "payload");
    if (received == 0) throw cut_off(have, total, "payload");
    have += received;
    pace.moved(received);
  }
}

/// What is missing of a payload that has no place, so that what follows it can be read.
void Channel::throw_away(std::size_t have, std::size_t total, Pace pace) {
  std::array<char, 16 * 1024> bytes;
  while (have < total) {
    const std::array<iovec, 1> pieces{piece(bytes.data(), std::min(bytes.size(), total - have))};
    const std::size_t received = receive_some(pieces, pace.deadline(), false);
    if (received == kTimeIsUp) throw too_late(have, total, "payload");
    if (received == 0) throw cut_off(have, total, "payload");
    have += received;
    pace.moved(received);
  }
}

std::optional<char> Channel::receive_byte(Deadline deadline) {
  char byte = 0;
  const std::array<iovec, 1> pieces{piece(&byte, 1)};
  const std::size_t received = receive_some(pieces, deadline, false);
  if (received == kTimeIsUp) throw TimedOut("time is up before the next byte");
  if (received == 0) return std::nullopt;
  return byte;
}

void Channel::linger(std::size_t max_bytes, Deadline deadline) noexcept {
  ::shutdown(fd(), SHUT_WR);
  std::array<char, 16 * 1024> thrown_away;
  const std::array<iovec, 1> pieces{piece(thrown_away.data(), thrown_away.size())};
  try {
    for (std::size_t total = 0; total < max_bytes;) {
      const std::size_t received = receive_some(pieces, deadline, false);
      if (received == 0 || received == kTimeIsUp) return;
      total += received;
    }
  } catch (const ChannelError&) {  // the peer is gone: the connection is over either way
  }
}

/// Receives what is there, or all that there is room for, waiting for it until `deadline`. Returns
/// 0 when the connection ended, kTimeIsUp when nothing came.
std::size_t Channel::receive_some(std::span<const iovec> pieces, Deadline deadline, bool all) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // recvmsg leaves the pieces as they are
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t received =
        ::recvmsg(fd(), &message, wait_at_most(receiving_, deadline) | (all ? MSG_WAITALL : 0));
    if (received >= 0) return static_cast<std::size_t>(received);
    if (would_block(errno) && Clock::now() >= deadline) return kTimeIsUp;
    if (!would_block(errno) && errno != EINTR) throw_errno(errno);
  }
}

/// Sees to it that the socket waits until `deadline` and little longer; returns the flag of a call
/// that must not wait at all.
int Channel::wait_at_most(Timeout& timeout, Deadline deadline) {
  std::chrono::milliseconds left{0};
  if (deadline != kNever) {
    left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left <= 0ms) return MSG_DONTWAIT;
  }
  if (left != timeout.set) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timeval time{static_cast<time_t>(seconds.count()),
                       static_cast<suseconds_t>(std::chrono::microseconds(left - seconds).count())};
    if (::setsockopt(fd(), SOL_SOCKET, timeout.option, &time, sizeof time) != 0) {
      throw_errno(errno);
    }
    timeout.set = left;
  }
  return 0;
}

bool Channel::readable() const { return wait_for(fd(), POLLIN, Clock::now()); }

bool Channel::peer_closed() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  // The state of the protocol, not of the socket: shutdown_receive() must not look like the peer's
  // doing.
  if (::getsockopt(fd(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

void Channel::shutdown_receive() { ::shutdown(fd(), SHUT_RD); }

void Channel::shutdown() { ::shutdown(fd(), SHUT_RDWR); }

}  // namespace enxame::rpc
