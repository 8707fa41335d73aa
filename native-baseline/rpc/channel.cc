#include "native-baseline/rpc/channel.h"

#include <Poco/Exception.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "native-baseline/local/memory_budget.h"
#include "native-baseline/rpc/huge_pages.h"

namespace enxame::rpc {
namespace {

using namespace std::chrono_literals;

/// The first piece of a payload's memory; what follows doubles with what has arrived.
constexpr std::size_t kFirstPieceBytes = std::size_t{1} << 20;

/// What any message may take without a second look.
constexpr std::size_t kFirstExpectedBytes = std::size_t{1} << 12;

std::string so_far(std::size_t have, std::size_t size, const char* part) {
  return " after " + std::to_string(have) + " of " + std::to_string(size) + " bytes of a " + part;
}

net::TimedOut too_late(std::size_t have, std::size_t size, const char* part) {
  return net::TimedOut("time is up" + so_far(have, size, part));
}

net::ConnectionError cut_off(std::size_t have, std::size_t size, const char* part) {
  return net::ConnectionError("connection closed" + so_far(have, size, part));
}

/// What came of a wait for more of a part of `size` bytes, of which there are `have`. Throws when
/// nothing did.
std::size_t more(std::optional<std::size_t> received, std::size_t have, std::size_t size,
                 const char* part) {
  if (!received) throw too_late(have, size, part);
  if (*received == 0) throw cut_off(have, size, part);
  return *received;
}

}  // namespace

Channel::Channel(net::Stream stream, std::size_t max_payload_bytes)
    : stream_(std::move(stream)),
      max_payload_bytes_(max_payload_bytes),
      expected_bytes_(kFirstExpectedBytes) {
  try {
    // A peer whose machine vanished is noticed after two minutes of silence, even when nobody
    // sends.
    stream_.probe_when_silent({.after = 60s, .between = 10s, .most = 6});
  } catch (const Poco::Exception& error) {
    throw net::ConnectionError(error.displayText());
  }
}

Channel Channel::connect(const WorkerAddress& address, std::chrono::milliseconds timeout,
                         std::size_t max_payload_bytes) {
  return {net::Stream::connect(address.host, address.port, timeout), max_payload_bytes};
}

void Channel::send(const wire::OutgoingMessage& message, net::Deadline deadline) {
  stream_.write(message.pieces(), deadline);
}

void Channel::send(std::string_view bytes, net::Deadline deadline) {
  stream_.write(bytes, deadline);
}

bool Channel::receive(wire::Message& message, net::TimePoint deadline) {
  return receive_by(message, net::Deadline(deadline), {{}, [] {}, [](std::size_t) {}});
}

bool Channel::receive_request(wire::Message& message, const Host& host) {
  return receive_by(message, std::nullopt, host);
}

/// The header and as much payload as is expected come with one call; nearly always that is all.
bool Channel::receive_by(wire::Message& message, std::optional<net::Deadline> deadline,
                         const Host& host) {
  std::array<char, wire::kMessageHeaderBytes> head;
  wire::Buffer& payload = message.payload;
  expect_payload(payload, host);
  std::size_t have = std::min(ahead_.size(), head.size());
  std::memcpy(head.data(), ahead_.data(), have);
  std::size_t have_payload = ahead_.size() - have;
  std::memcpy(payload.data(), ahead_.data() + have, have_payload);
  ahead_.clear();
  const auto begin = [&] {
    if (!deadline) deadline.emplace(message_pace(host.patience));
  };

  while (have < head.size()) {
    if (have > 0) begin();
    const std::array<iovec, 2> pieces{
        {{head.data() + have, head.size() - have}, {payload.data(), expected_bytes_}}};
    const auto received =
        stream_.receive(pieces, deadline ? deadline->at() : net::Clock::now() + host.patience);
    if (!received && !deadline) {  // nothing has begun
      host.idle();
      expected_bytes_ = kFirstExpectedBytes;
      payload.resize(expected_bytes_);
      payload.shrink_to_fit();
      continue;
    }
    if (received == 0 && have == 0) return false;
    const std::size_t bytes = more(received, have, head.size(), "header");
    const std::size_t of_head = std::min(bytes, head.size() - have);
    have += of_head;
    have_payload = bytes - of_head;
    if (deadline) deadline->moved(bytes);
  }

  message.header = wire::parse_message_header({head.data(), head.size()}, max_payload_bytes_);
  const auto total = static_cast<std::size_t>(message.header.payload_bytes);
  if (have_payload > total) {
    ahead_.assign(payload.data() + total, have_payload - total);
    have_payload = total;
  }
  if (have_payload < total) {
    begin();
    receive_payload(payload, have_payload, total, *deadline, host);
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
void Channel::receive_payload(wire::Buffer& payload, std::size_t have, std::size_t total,
                              net::Deadline deadline, const Host& host) {
  while (have < total) {
    const std::size_t room =
        std::min(total, std::max({kFirstPieceBytes, 2 * have, payload.capacity()}));
    try {
      if (room > payload.capacity()) host.make_room(room);
      payload.resize(room);
    } catch (const native::NoRoom&) {
      payload = wire::Buffer();
      throw_away(have, total, deadline);
      throw;
    } catch (const std::bad_alloc&) {
      payload = wire::Buffer();
      throw_away(have, total, deadline);
      throw native::NoRoom("out of memory", false);
    }
    prefer_huge_pages(payload);
    const std::array<iovec, 1> rest{{{payload.data() + have, payload.size() - have}}};
    const std::size_t received =
        more(stream_.receive(rest, deadline.at(), net::Stream::Fill::all), have, total, "payload");
    have += received;
    deadline.moved(received);
  }
}

/// What is missing of a payload that has no place, so that what follows it can be read.
void Channel::throw_away(std::size_t have, std::size_t total, net::Deadline deadline) {
  std::array<char, 16 * 1024> bytes;
  while (have < total) {
    const std::array<iovec, 1> piece{{{bytes.data(), std::min(bytes.size(), total - have)}}};
    const std::size_t received =
        more(stream_.receive(piece, deadline.at()), have, total, "payload");
    have += received;
    deadline.moved(received);
  }
}

std::optional<char> Channel::receive_byte(net::TimePoint deadline) {
  char byte = 0;
  const std::array<iovec, 1> piece{{{&byte, 1}}};
  const auto received = stream_.receive(piece, deadline);
  if (!received) throw net::TimedOut("time is up before the next byte");
  if (*received == 0) return std::nullopt;
  return byte;
}

}  // namespace enxame::rpc
