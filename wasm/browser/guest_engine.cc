#include "wasm/browser/guest_engine.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "matmul/timing/stopwatch.h"
#include "wire/message.h"
#include "wire/outgoing_message.h"
#include "worker/engine_answer.h"

extern "C" {

/// Has the guest read the pieces of a message, and writes the first bytes of its answer into `head`
/// and those that follow into `rest`. Returns how many there were; -1 when it has ended.
double enxame_guest_answer(const std::string_view* pieces, std::size_t count, char* head,
                           std::size_t head_bytes, char* rest, std::size_t rest_bytes);

}  // extern "C"

namespace enxame::browser {

namespace {

constexpr std::size_t kHeadBytes = wire::kMessageHeaderBytes + worker::kProductForeBytes;

// What imports.js takes a piece to be: where it begins, and how long it is.
static_assert(sizeof(std::string_view) == 2 * sizeof(std::uint32_t));

}  // namespace

worker::Engine::Travel GuestEngine::multiply(MatrixView a, MatrixView b, double* c) try {
  const Shape shape = product_shape(a.shape(), b.shape());
  const std::uint64_t call_id = ++last_call_;
  Stopwatch watch;
  const wire::OutgoingMessage message = wire::outgoing_multiply(call_id, a, b);
  const auto pieces = message.pieces();
  std::array<char, kHeadBytes> head{};
  const double came =
      enxame_guest_answer(pieces.data(), pieces.size(), head.data(), head.size(),
                          reinterpret_cast<char*>(c), shape.size() * sizeof(double));
  if (came < 0) throw worker::EngineError("the engine is lost: it ended before it had answered");
  const std::string_view bytes(head.data(), std::min(head.size(), static_cast<std::size_t>(came)));
  const wire::MessageHeader header = wire::parse_message_header(
      bytes.substr(0, wire::kMessageHeaderBytes), std::numeric_limits<std::size_t>::max());
  if (header.call_id != call_id) {
    throw wire::ProtocolError("an answer to call " + std::to_string(header.call_id));
  }
  const std::string_view fore = bytes.substr(wire::kMessageHeaderBytes);
  if (header.kind == wire::MessageKind::refused) throw std::invalid_argument(std::string(fore));
  if (header.kind != wire::MessageKind::product) {
    throw worker::EngineError("the engine failed: " + std::string(fore));
  }
  const WorkerPhases phases = worker::read_product_fore(header, fore, shape);
  if (came != static_cast<double>(wire::kMessageHeaderBytes + header.payload_bytes)) {
    throw wire::ProtocolError("a product of which only a part came");
  }
  return worker::travel_of(watch.lap(), phases);
} catch (const wire::ProtocolError& error) {
  throw worker::EngineError(std::string("the engine answered: ") + error.what());
} catch (const FrameError& error) {
  throw worker::EngineError(std::string("the engine answered: ") + error.what());
}

}  // namespace enxame::browser
