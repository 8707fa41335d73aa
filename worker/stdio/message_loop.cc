#include "worker/stdio/message_loop.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <system_error>

#include "matmul/codec/binary_codec.h"
#include "matmul/timing/stopwatch.h"
#include "wire/outgoing_message.h"

namespace enxame::worker {

namespace {

/// What this address space could hold at all; whether there is room is asked for each message.
constexpr std::size_t kMaxPayloadBytes = std::numeric_limits<std::size_t>::max() / 2;

/// What is thrown away at a time of a message that there is no memory for.
constexpr std::size_t kSkippedBytes = std::size_t{4} << 10;

/// What buffers and kernels ask for besides.
constexpr std::size_t kBeside = std::size_t{4} << 20;

/// Whether there is memory for as much. Asked beforehand, since WASI builds cannot catch.
bool has_memory(std::size_t bytes) {
  void* volatile memory = std::malloc(bytes + kBeside);  // volatile: or compilers drop the question
  const bool has = memory != nullptr;
  std::free(memory);
  return has;
}

/// Makes room for so many bytes in a buffer whose old ones do not matter, at the cost of another
/// one if need be. Returns whether there is.
bool make_room(wire::Buffer& buffer, std::size_t bytes, wire::Buffer* other = nullptr) {
  if (bytes > buffer.capacity()) {
    buffer = wire::Buffer();
    if (!has_memory(bytes)) {
      if (other == nullptr) return false;
      *other = wire::Buffer();
      if (!has_memory(bytes)) return false;
    }
  }
  buffer.resize(bytes);
  return true;
}

/// After a read or a write that has failed: returns when it is to be tried again, and throws
/// std::system_error when it is not. Descriptors that somebody else has may not wait by themselves.
void await_after_error([[maybe_unused]] int descriptor, [[maybe_unused]] short event,
                       const char* what) {
  if (errno == EINTR) return;
#ifndef __wasi__  // whose runtimes wait, and from which nothing more is asked
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    pollfd polled{descriptor, event, 0};
    poll(&polled, 1, -1);
    return;
  }
#endif
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

void MessageLoop::run() {
  while (answer_one()) {
  }
}

bool MessageLoop::answer_one() {
  std::array<char, wire::kMessageHeaderBytes> head{};
  try {
    const std::size_t came = read(head.data(), head.size());
    if (came == 0) return false;
    if (came < head.size()) {
      throw wire::ProtocolError("the input ended within the head of a message");
    }
    answer(wire::parse_message_header({head.data(), head.size()}, kMaxPayloadBytes));
    return true;
  } catch (const wire::ProtocolError& error) {
    refuse(wire::MessageKind::failed, 0, error.what());
    throw;
  } catch (const FrameError& error) {
    refuse(wire::MessageKind::failed, 0, error.what());
    throw;
  }
}

void MessageLoop::answer(const wire::MessageHeader& header) {
  if (header.kind != wire::MessageKind::multiply) {
    throw wire::ProtocolError("a message of kind " + std::string(to_string(header.kind)) +
                              ", expected multiply");
  }
  const auto bytes = static_cast<std::size_t>(header.payload_bytes);
  if (!make_room(payload_, bytes, &product_)) {
    skip(bytes);
    return refuse(wire::MessageKind::failed, header.call_id,
                  "its memory is too small for operands of " + std::to_string(bytes) + " bytes");
  }
  if (read(payload_.data(), bytes) < bytes) {
    throw wire::ProtocolError("the input ended within the payload of a message");
  }
  Stopwatch watch;
  WorkerPhases phases{.received_at = watch.lap_began_at()};
  const wire::FactorViews factors = wire::view_multiply(payload_.view());
  phases.decode = watch.lap();
  multiply(header.call_id, factors, phases);
}

void MessageLoop::multiply(std::uint64_t call_id, const wire::FactorViews& factors,
                           WorkerPhases phases) {
  const auto& [a, b] = factors;
  if (a.cols() != b.rows()) {
    return refuse(wire::MessageKind::refused, call_id,
                  to_string(a.shape()) + " times " + to_string(b.shape()) + " has no product");
  }
  const Shape shape{a.rows(), b.cols()};
  if (std::uint64_t{shape.rows} * shape.cols > kMaxElements) {
    return refuse(wire::MessageKind::refused, call_id,
                  "no matrix can be as large as the product, " + to_string(shape));
  }
  const std::size_t bytes = shape.size() * sizeof(double);
  if (!make_room(product_, bytes)) {
    return refuse(wire::MessageKind::failed, call_id,
                  "its memory is too small for a product of " + std::to_string(bytes) + " bytes");
  }
  Stopwatch watch;
  auto* const values = reinterpret_cast<double*>(product_.data());
  try {
    multiply_into<double>(a, b, values, kernel_);
  } catch (const std::invalid_argument& error) {  // of values that the kernel does not take
    return refuse(wire::MessageKind::refused, call_id, error.what());
  }
  phases.compute = watch.lap();
  write(wire::outgoing_product(call_id, {shape, values}, phases).pieces());
}

void MessageLoop::refuse(wire::MessageKind kind, std::uint64_t call_id, std::string_view reason) {
  const std::string message = wire::encode_error(kind, call_id, reason);
  write(std::array{std::string_view(message)});
}

/// Returns how many bytes came before the input ended.
std::size_t MessageLoop::read(char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t came = ::read(in_, out + done, size - done);
    if (came == 0) break;
    if (came > 0) {
      done += static_cast<std::size_t>(came);
    } else {
      await_after_error(in_, POLLIN, "cannot read a message");
    }
  }
  return done;
}

void MessageLoop::skip(std::size_t size) {
  std::array<char, kSkippedBytes> thrown_away;
  while (size > 0) {
    const std::size_t some = std::min(size, thrown_away.size());
    if (read(thrown_away.data(), some) < some) {
      throw wire::ProtocolError("the input ended within the payload of a message");
    }
    size -= some;
  }
}

void MessageLoop::write(std::span<const std::string_view> pieces) {
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const ssize_t sent = ::write(out_, piece.data(), piece.size());
      if (sent >= 0) {
        piece.remove_prefix(static_cast<std::size_t>(sent));
      } else {
        await_after_error(out_, POLLOUT, "cannot write an answer");
      }
    }
  }
}

}  // namespace enxame::worker
