#include "worker/native/child_engine.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "matmul/timing/stopwatch.h"
#include "worker/engine_answer.h"

namespace enxame::worker {

namespace {

/// A reason is a sentence.
constexpr std::size_t kMaxReasonBytes = 4096;

/// Nothing was to be read or written any more.
class Ended : public std::exception {};

/// It has taken all the time that it had.
class TooLate : public std::exception {};

}  // namespace

Engine::Travel ChildEngine::multiply(MatrixView a, MatrixView b, double* c) {
  product_shape(a.shape(), b.shape());
  Duration starting{};
  if (!child_) {
    try {
      start();
    } catch (const EngineError& error) {
      throw EngineGone(std::string("it cannot be started again: ") + error.what());
    }
    starting = started_in_;
  }
  Travel travel = ask(a, b, c, task_limit_);
  travel.there += starting;
  return travel;
}

/// A program that cannot multiply at all shows that before it gets anybody's task.
void ChildEngine::start() {
  Stopwatch watch;
  try {
    auto child = std::make_unique<ChildProcess>(command_);
    const std::lock_guard lock(mutex_);
    child_ = std::move(child);
  } catch (const std::system_error& error) {
    throw EngineError(std::string(error.what()) + ", for the engine: " + command_);
  }
  try {
    prove();
  } catch (const std::invalid_argument& error) {
    reject(error.what());
  } catch (const EngineError& error) {
    if (child_) reject(error.what());
    throw;
  }
  started_in_ = watch.lap();
}

void ChildEngine::prove() {
  const Matrix a{{3}};
  const Matrix b{{7}};
  double product = 0;
  ask(a, b, &product, start_limit_);
  if (product != 21) throw EngineError("3 times 7 is " + std::to_string(product));
}

Engine::Travel ChildEngine::ask(MatrixView a, MatrixView b, double* c,
                                std::chrono::milliseconds limit) try {
  const std::uint64_t call_id = ++last_call_;
  deadline_.reset();
  if (limit > Duration::zero()) deadline_ = std::chrono::steady_clock::now() + limit;
  Stopwatch watch;
  const bool is_sent = send(wire::outgoing_multiply(call_id, a, b));
  const wire::MessageHeader header = receive_head(call_id);
  switch (header.kind) {
    case wire::MessageKind::product:
      break;
    case wire::MessageKind::refused:
      throw std::invalid_argument(receive_reason(header));
    case wire::MessageKind::failed:
      if (const std::string reason = receive_reason(header); header.call_id != 0) {
        throw EngineError("the engine failed: " + reason);
      } else {
        lose("it gave up: " + reason);
      }
    default:
      throw wire::ProtocolError("a message of kind " + std::string(to_string(header.kind)));
  }
  if (!is_sent) throw wire::ProtocolError("a product of what it has not read");
  const WorkerPhases phases = receive_product(header, {a.shape().rows, b.shape().cols}, c);
  return travel_of(watch.lap(), phases);
} catch (const Ended&) {
  lose("it ended before it had answered");
} catch (const TooLate&) {
  kill();
  lose("it has not answered in " + std::to_string(limit.count()) + " ms");
} catch (const wire::ProtocolError& error) {
  reject(error.what());
} catch (const FrameError& error) {
  reject(error.what());
}

wire::MessageHeader ChildEngine::receive_head(std::uint64_t call_id) {
  std::array<char, wire::kMessageHeaderBytes> head{};
  receive(head.data(), head.size());
  const wire::MessageHeader header = wire::parse_message_header(
      {head.data(), head.size()}, std::numeric_limits<std::size_t>::max());
  if (header.call_id != call_id && header.call_id != 0) {
    throw wire::ProtocolError("an answer to call " + std::to_string(header.call_id) +
                              ", expected one to " + std::to_string(call_id));
  }
  return header;
}

WorkerPhases ChildEngine::receive_product(const wire::MessageHeader& header, Shape shape,
                                          double* c) {
  std::array<char, kProductForeBytes> fore{};
  // Of another length it is refused before more of it is waited for.
  if (header.payload_bytes == wire::product_payload_bytes(shape)) receive(fore.data(), fore.size());
  const WorkerPhases phases = read_product_fore(header, {fore.data(), fore.size()}, shape);
  const std::size_t value_bytes = shape.size() * sizeof(double);
  receive(reinterpret_cast<char*>(c), value_bytes);
  std::array<char, 64> padding{};
  receive(padding.data(),
          static_cast<std::size_t>(header.payload_bytes) - fore.size() - value_bytes);
  return phases;
}

std::string ChildEngine::receive_reason(const wire::MessageHeader& header) {
  if (header.payload_bytes > kMaxReasonBytes) {
    throw wire::ProtocolError("a reason of " + std::to_string(header.payload_bytes) + " bytes");
  }
  std::string reason(static_cast<std::size_t>(header.payload_bytes), '\0');
  receive(reason.data(), reason.size());
  return reason;
}

/// Returns whether all of it was sent: not when an answer comes before.
bool ChildEngine::send(const wire::OutgoingMessage& message) {
  std::vector<iovec> pieces;
  for (const std::string_view piece : message.pieces()) {
    pieces.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  msghdr header{};
  header.msg_iov = pieces.data();
  header.msg_iovlen = pieces.size();
  while (header.msg_iovlen > 0) {
    const ssize_t sent = sendmsg(child_->socket(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      // What it has said before it ended is still to be read.
      if ((errno != EAGAIN && errno != EWOULDBLOCK) || !await_room()) return false;
      continue;
    }
    auto left = static_cast<std::size_t>(sent);
    while (header.msg_iovlen > 0 && left >= header.msg_iov->iov_len) {
      left -= header.msg_iov->iov_len;
      ++header.msg_iov;
      --header.msg_iovlen;
    }
    if (header.msg_iovlen == 0) break;
    header.msg_iov->iov_base = static_cast<char*>(header.msg_iov->iov_base) + left;
    header.msg_iov->iov_len -= left;
  }
  return true;
}

/// Returns whether there is room to send more, before there is something to read.
bool ChildEngine::await_room() const { return (await(POLLIN | POLLOUT) & POLLIN) == 0; }

/// Waits until there is one of them. Throws TooLate when there is none before the deadline.
short ChildEngine::await(short events) const {
  pollfd polled{child_->socket(), events, 0};
  for (;;) {
    int wait_ms = -1;
    if (deadline_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          *deadline_ - std::chrono::steady_clock::now());
      if (left.count() <= 0) throw TooLate();
      wait_ms = static_cast<int>(left.count());
    }
    if (poll(&polled, 1, wait_ms) > 0) return polled.revents;
  }
}

void ChildEngine::receive(char* out, std::size_t size) {
  while (size > 0) {
    if (deadline_) await(POLLIN);
    const ssize_t came = recv(child_->socket(), out, size, deadline_ ? MSG_DONTWAIT : MSG_WAITALL);
    if (came < 0 && errno == EINTR) continue;
    if (came <= 0) throw Ended();
    out += came;
    size -= static_cast<std::size_t>(came);
  }
}

/// What it says is not to be understood: it is ended, whatever it is at.
void ChildEngine::reject(const std::string& what) {
  kill();
  lose("it answered: " + what);
}

void ChildEngine::lose(const std::string& how) {
  std::unique_ptr<ChildProcess> child;
  {
    const std::lock_guard lock(mutex_);
    child = std::move(child_);
  }
  throw EngineError("the engine is lost: " + how + " (" + child->wait() + "): " + command_);
}

void ChildEngine::kill() noexcept {
  const std::lock_guard lock(mutex_);
  if (child_) child_->kill();
}

}  // namespace enxame::worker
