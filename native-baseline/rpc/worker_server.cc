#include "native-baseline/rpc/worker_server.h"

#include <optional>
#include <string>
#include <utility>

#include "matmul/codec/binary_codec.h"

namespace enxame::rpc {

using namespace std::chrono_literals;

WorkerServer::WorkerServer(const WorkerServerOptions& options, native::Multiplier& multiplier)
    : options_(options),
      runner_(multiplier, options, kMemory.parts(options.max_memory_bytes)),
      sessions_(options, {[this](Channel& channel) { converse(channel); },
                          [](const std::string& reason) {
                            return wire::encode_error(wire::MessageKind::failed, 0, reason);
                          }}) {}

WorkerServer::~WorkerServer() { drain(0ms); }

void WorkerServer::converse(Channel& channel) {
  const wire::OperandCache::Owner connection = ++last_connection_;
  try {
    answer_all(channel, connection);
  } catch (...) {
    runner_.forget(connection);
    throw;
  }
  runner_.forget(connection);
}

/// What a connection keeps from one call to the next, since memory that is asked for anew costs as
/// much as copying: unless its client is silent for long, or others need it.
class WorkerServer::Memory {
 public:
  explicit Memory(const native::MemoryBudget& memory) : room(memory), received_(memory) {}

  void make_room(std::size_t payload_bytes) { received_.grow_to(payload_bytes); }

  /// The payload has gone somewhere else.
  void gave_away() { received_.shrink_to(0); }

  void release() {
    release_request();
    room.product = wire::Buffer();
    room.share.shrink_to(0);
  }

  void release_request() {
    request.payload = wire::Buffer();
    received_.shrink_to(0);
  }

  wire::Message request;
  TaskRunner::Room room;

 private:
  native::MemoryBudget::Share received_;
};

void WorkerServer::answer_all(Channel& channel, wire::OperandCache::Owner connection) {
  Memory memory(runner_.memory());
  const Channel::Host host{options_.message_timeout, [&] { memory.release(); },
                           [&](std::size_t bytes) { memory.make_room(bytes); }};
  try {
    while (!sessions_.draining()) {
      try {
        if (!channel.receive_request(memory.request, host)) return;
      } catch (const native::NoRoom& error) {
        turn_down(channel, memory, error.what());
        continue;
      }
      if (!answer_one(channel, connection, memory)) return;
      if (runner_.memory().is_crowded()) memory.release();
    }
  } catch (const FrameError& error) {  // of a named matrix: what is missing cannot be told
    fail(channel, 0, error.what());
    throw;
  } catch (const wire::ProtocolError& error) {
    fail(channel, 0, error.what());
    throw;
  }
}

/// Returns false when nobody is there any more who wants an answer.
bool WorkerServer::answer_one(Channel& channel, wire::OperandCache::Owner connection,
                              Memory& memory) {
  const wire::Message& request = memory.request;
  const auto wanted = [&] { return channel.stream().peer_connected(); };
  std::optional<wire::OutgoingMessage> answer;
  switch (request.header.kind) {
    case wire::MessageKind::operand:
      runner_.keep(connection, std::move(memory.request.payload));
      memory.gave_away();
      return true;
    case wire::MessageKind::multiply:
      answer = runner_.answer(request, memory.room, Stopwatch(), wanted);
      break;
    case wire::MessageKind::multiply_kept:
      answer = runner_.answer_kept(request, connection, memory.room, Stopwatch(), wanted);
      break;
    default:
      throw wire::ProtocolError("a message of kind " + std::string(to_string(request.header.kind)) +
                                ", expected multiply");
  }
  if (runner_.memory().is_crowded()) memory.release_request();  // however slowly the answer goes
  if (answer) channel.send(*answer, in_time());
  return answer.has_value();
}

/// Answers a message that was thrown away. An operand has no answer: its task is told that it is
/// missing.
void WorkerServer::turn_down(Channel& channel, Memory& memory, const char* reason) {
  memory.release();
  const wire::MessageHeader& header = memory.request.header;
  if (header.kind != wire::MessageKind::operand) fail(channel, header.call_id, reason);
}

void WorkerServer::fail(Channel& channel, std::uint64_t call_id, const char* reason) {
  channel.send(wire::encode_error(wire::MessageKind::failed, call_id, reason), in_time());
}

}  // namespace enxame::rpc
