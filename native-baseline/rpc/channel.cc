#include "native-baseline/rpc/channel.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace enxame::rpc {
namespace {

/// The first piece of a payload's memory; what follows doubles with what has arrived.
constexpr std::size_t kFirstPieceBytes = std::size_t{1} << 20;

[[noreturn]] void throw_errno(int error) {
  throw ChannelError(std::generic_category().message(error));
}

/// Waits until `events` or an error can be seen on `fd`. Returns what is seen, 0 when `deadline`
/// passed first.
short wait_for(int fd, short events, Deadline deadline) {
  pollfd wanted{fd, events, 0};
  for (;;) {
    timespec left{};
    if (deadline != kNever) {
      const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::max(deadline - Clock::now(), Clock::duration::zero()));
      const auto s = std::chrono::floor<std::chrono::seconds>(ns);
      left = {static_cast<time_t>(s.count()), static_cast<long>((ns - s).count())};
    }
    const int ready = ::ppoll(&wanted, 1, deadline == kNever ? nullptr : &left, nullptr);
    if (ready >= 0) return ready == 0 ? short{0} : wanted.revents;
    if (errno != EINTR) throw_errno(errno);
  }
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Channel::Channel(const Poco::Net::StreamSocket& socket, std::size_t max_payload_bytes)
    : socket_(socket), max_payload_bytes_(max_payload_bytes) {
  try {
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

Channel Channel::connect(const WorkerAddress& address, Deadline deadline,
                         std::size_t max_payload_bytes) {
  try {
    Poco::Net::StreamSocket socket;
    socket.connectNB(Poco::Net::SocketAddress(address.host, address.port));
    if (wait_for(socket.impl()->sockfd(), POLLOUT, deadline) == 0) {
      throw TimedOut("no connection in time");
    }
    if (const int error = socket.impl()->socketError(); error != 0) throw_errno(error);
    return {socket, max_payload_bytes};
  } catch (const Poco::Exception& error) {
    throw ChannelError(error.displayText());
  }
}

void Channel::send(std::string_view bytes, Deadline deadline) {
  const int fd = socket_.impl()->sockfd();
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (would_block(errno)) {
      if (wait_for(fd, POLLOUT, deadline) == 0) {
        throw TimedOut("peer did not take " + std::to_string(bytes.size()) + " bytes in time");
      }
    } else if (errno != EINTR) {
      throw_errno(errno);
    }
  }
}

std::optional<Message> Channel::receive(Deadline deadline) {
  std::array<char, kMessageHeaderBytes> head;
  if (!receive_exactly(head.data(), head.size(), deadline, "header")) return std::nullopt;
  Message message{parse_message_header({head.data(), head.size()}, max_payload_bytes_), {}};
  const auto total = static_cast<std::size_t>(message.header.payload_bytes);
  for (std::size_t have = 0; have < total; have = message.payload.size()) {
    message.payload.resize(std::min(total, std::max(kFirstPieceBytes, 2 * have)));
    if (!receive_exactly(message.payload.data() + have, message.payload.size() - have, deadline,
                         "payload")) {
      throw ChannelError("connection closed before the payload's byte " + std::to_string(have) +
                         " of " + std::to_string(total));
    }
  }
  return message;
}

bool Channel::receive_exactly(char* into, std::size_t size, Deadline deadline, const char* part) {
  const int fd = socket_.impl()->sockfd();
  const auto progress = [&](std::size_t have) {
    return " after " + std::to_string(have) + " of " + std::to_string(size) + " bytes of a " + part;
  };
  for (std::size_t have = 0; have < size;) {
    const ssize_t received = ::recv(fd, into + have, size - have, MSG_DONTWAIT);
    if (received > 0) {
      have += static_cast<std::size_t>(received);
    } else if (received == 0) {
      if (have == 0) return false;
      throw ChannelError("connection closed" + progress(have));
    } else if (would_block(errno)) {
      if (wait_for(fd, POLLIN, deadline) == 0) throw TimedOut("time is up" + progress(have));
    } else if (errno != EINTR) {
      throw_errno(errno);
    }
  }
  return true;
}

bool Channel::wait_readable(Deadline deadline) const {
  return wait_for(socket_.impl()->sockfd(), POLLIN, deadline) != 0;
}

bool Channel::peer_closed() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  // The state of the protocol, not of the socket: shutdown_receive() must not look like the peer's
  // doing.
  if (::getsockopt(socket_.impl()->sockfd(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

void Channel::shutdown_receive() { ::shutdown(socket_.impl()->sockfd(), SHUT_RD); }

void Channel::shutdown() { ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR); }

}  // namespace enxame::rpc
