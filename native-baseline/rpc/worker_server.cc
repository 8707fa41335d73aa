#include "native-baseline/rpc/worker_server.h"

#include <string>

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
  const auto message_deadline = [&] { return Clock::now() + options_.message_timeout; };
  // Both are kept from one call to the next: memory that is asked for anew costs as much as
  // copying.
  Message request;
  Buffer product;
  try {
    while (!sessions_.draining()) {
      if (!channel.receive_request(request, options_.message_timeout)) return;
      if (request.header.kind != MessageKind::multiply) {
        throw ProtocolError("a message of kind " + std::string(to_string(request.header.kind)) +
                            ", expected multiply");
      }
      const auto answer =
          runner_.answer(request, product, Stopwatch(), [&] { return !channel.peer_closed(); });
      if (!answer) return;
      channel.send(*answer, message_deadline());
    }
  } catch (const ProtocolError& error) {
    channel.send(encode_error(MessageKind::failed, 0, error.what()), message_deadline());
    throw;
  }
}

}  // namespace enxame::rpc
