#include "native-baseline/origin_rpc/text_server.h"

#include <new>
#include <utility>

#include "matmul/codec/text_codec.h"
#include "native-baseline/origin_rpc/text_wire.h"

namespace enxame::rpc {

using namespace std::chrono_literals;

TextServer::TextServer(const WorkerServerOptions& options, native::Multiplier& multiplier)
    : options_(options),
      runner_(multiplier, options, kMemory.parts(options.max_memory_bytes)),
      sessions_(options, {[this](Channel& channel) { converse(channel); },
                          [](const std::string& reason) {
                            return encode_text_error(wire::MessageKind::failed, reason);
                          }}) {}

TextServer::~TextServer() { drain(0ms); }

void TextServer::converse(Channel& channel) {
  const auto in_time = [&] { return net::Deadline(message_pace(options_.message_timeout)); };
  native::MemoryBudget::Share share(runner_.memory());
  const auto say_last = [&](const std::string& reason) {
    share.shrink_to(0);  // what was received is gone, however long the client takes to read this
    channel.send(encode_text_error(wire::MessageKind::failed, reason), in_time());
    channel.stream().linger(options_.max_payload_bytes,
                            net::Clock::now() + options_.message_timeout);
  };
  std::optional<std::string> reply;
  try {
    const auto text = receive_text(channel, options_.max_payload_bytes, in_time(),
                                   [&](std::size_t bytes) { share.grow_to(bytes); });
    if (!text) return;
    reply = answer(*text, channel, share);
  } catch (const std::bad_alloc&) {
    say_last("out of memory");
    throw;
  } catch (
      const std::runtime_error& error) {  // ProtocolError, net::TimedOut, NoRoom, and a lost peer
    say_last(error.what());
    throw;
  }
  if (!reply) return;
  share.shrink_to(reply->capacity());
  channel.send(*reply, in_time());
}

std::optional<std::string> TextServer::answer(const std::string& text, const Channel& channel,
                                              native::MemoryBudget::Share& share) {
  return runner_.run<std::string>(
      Stopwatch(), [&] { return channel.stream().peer_connected(); },
      [&](TaskReport& report) { return multiply(text, report, share); }, encode_text_error);
}

std::string TextServer::multiply(const std::string& text, TaskReport& report,
                                 native::MemoryBudget::Share& share) {
  WorkerPhases& phases = report.phases;
  Stopwatch watch;
  report.received_bytes = text.size() + kTextTerminator.size();
  share.grow_by(text_task_bytes(text));
  const wire::Factors factors = decode_text_task(text);
  const Shape shape = product_shape(factors.a.shape(), factors.b.shape());
  const std::size_t text_bytes = most_text_bytes(shape);
  runner_.check_product(shape, text_bytes);
  // A text whose first row is shorter than the others moves as it is written: then there are two.
  share.grow_by(shape.size() * sizeof(double) + 2 * text_bytes);
  phases.decode = watch.lap();
  Matrix::Values values(shape.size());
  runner_.multiply(factors.a, factors.b, values.data());
  phases.compute = watch.lap();
  std::string reply = encode_text_product(Matrix(shape, std::move(values)), phases, watch);
  phases.encode = watch.lap();
  return reply;
}

}  // namespace enxame::rpc
