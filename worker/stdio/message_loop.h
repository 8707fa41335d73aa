#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "matmul/kernel.h"
#include "matmul/matrix_view.h"
#include "wire/buffer.h"
#include "wire/message.h"

namespace enxame::worker {

/// A worker that is another program's child: reads `multiply` messages (wire/message.h) from one
/// descriptor and writes the answer of each to another. It runs natively and under any WASI runtime
/// of preview 1, so it waits for nothing but its descriptors and has one thread; WASI builds have
/// no exceptions, where a throw ends the program: what may happen with a right message is answered.
class MessageLoop {
 public:
  /// Both stay open, and are the caller's.
  MessageLoop(int in, int out, Kernel kernel) : in_(in), out_(out), kernel_(kernel) {}

  /// Answers until the input ends. Operands too large for memory are answered `failed`, those that
  /// nobody could multiply `refused`. Anything else than a `multiply` message is answered by
  /// `failed` with call id 0; then throws wire::ProtocolError or FrameError. Throws
  /// std::system_error when a descriptor fails.
  void run();

  /// Answers one message; returns whether there was one before the input ended. Throws as run().
  bool answer_one();

 private:
  void answer(const wire::MessageHeader& header);
  void multiply(std::uint64_t call_id, const wire::FactorViews& factors, WorkerPhases phases);
  void refuse(wire::MessageKind kind, std::uint64_t call_id, std::string_view reason);
  std::size_t read(char* out, std::size_t size);
  void skip(std::size_t size);
  void write(std::span<const std::string_view> pieces);

  const int in_;
  const int out_;
  const Kernel kernel_;
  wire::Buffer payload_;  // kept from one message to the next: new pages cost as much as copying
  wire::Buffer product_;
};

}  // namespace enxame::worker
