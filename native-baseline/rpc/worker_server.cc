#include "native-baseline/rpc/worker_server.h"

#include <optional>
#include <string>
#include <utility>

#include "matmul/binary_codec.h"

namespace enxame::rpc {

using namespace std::chrono_literals;

WorkerServer::WorkerServer(const WorkerServerOptions& options, Multiplier& multiplier)
    : options_(options),
      runner_(multiplier, options.max_payload_bytes, options.observer),
      sessions_(options, {[this](Channel& channel) { converse(channel); },
                          [](const std::string& reason) {
                            return encode_error(MessageKind::failed, 0, reason);
                          }}) {}

WorkerServer::~WorkerServer() { drain(0ms); }

void WorkerServer::converse(Channel& channel) {
  const OperandCache::Owner connection = ++last_connection_;
  try {
    answer_all(channel, connection);
  } catch (...) {
    runner_.forget(connection);
    throw;
  }
  runner_.forget(connection);
}

void WorkerServer::answer_all(Channel& channel, OperandCache::Owner connection) {
  const auto message_deadline = [&] { return Clock::now() + options_.message_timeout; };
  // Both are kept from one call to the next: memory that is asked for anew costs as much as
  // copying. A client that is silent for long has none of it.
  Message request;
  Buffer product;
  const auto release = [&] { product = Buffer(); };
  try {
    while (!sessions_.draining()) {
      if (!channel.receive_request(request, options_.message_timeout, release)) return;
      const auto wanted = [&] { return !channel.peer_closed(); };
      std::optional<OutgoingMessage> answer;
      switch (request.header.kind) {
        case MessageKind::operand:
          runner_.keep(connection, std::move(request.payload));
          continue;
        case MessageKind::multiply:
          answer = runner_.answer(request, product, Stopwatch(), wanted);
          break;
        case MessageKind::multiply_kept:
          answer = runner_.answer_kept(request, connection, product, Stopwatch(), wanted);
          break;
        default:
          throw ProtocolError("a message of kind " + std::string(to_string(request.header.kind)) +
                              ", expected multiply");
      }
      if (!answer) return;
      channel.send(*answer, message_deadline());
    }
  } catch (const FrameError& error) {  // of a named matrix: what is missing cannot be told
    channel.send(encode_error(MessageKind::failed, 0, error.what()), message_deadline());
    throw;
  } catch (const ProtocolError& error) {
    channel.send(encode_error(MessageKind::failed, 0, error.what()), message_deadline());
    throw;
  }
}

}  // namespace enxame::rpc
