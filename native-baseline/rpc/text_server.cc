#include "native-baseline/rpc/text_server.h"

#include <cstring>

#include "native-baseline/rpc/text_wire.h"

namespace enxame::rpc {

using namespace std::chrono_literals;

TextServer::TextServer(const WorkerServerOptions& options, Multiplier& multiplier)
    : options_(options),
      runner_(multiplier, options.max_payload_bytes, options.observer),
      sessions_(options, {[this](Channel& channel) { converse(channel); },
                          [](const std::string& reason) {
                            return encode_text_error(MessageKind::failed, reason);
                          }}) {}

TextServer::~TextServer() { drain(0ms); }

void TextServer::converse(Channel& channel) {
  const auto message_deadline = [&] { return Clock::now() + options_.message_timeout; };
  const auto say_last = [&](const std::string& reason) {
    channel.send(encode_text_error(MessageKind::failed, reason), message_deadline());
    channel.linger(options_.max_payload_bytes, message_deadline());
  };
  std::optional<std::string> reply;
  try {
    const auto text = receive_text(channel, options_.max_payload_bytes, message_deadline());
    if (!text) return;
    reply = answer(*text, channel);
  } catch (const ProtocolError& error) {
    say_last(error.what());
    throw;
  } catch (const TimedOut& error) {
    say_last(error.what());
    throw;
  }
  if (reply) channel.send(*reply, message_deadline());
}

std::optional<std::string> TextServer::answer(const std::string& text, const Channel& channel) {
  return runner_.run<std::string>(
      Stopwatch(), [&] { return !channel.peer_closed(); },
      [&](TaskReport& report) { return multiply(text, report); }, encode_text_error);
}

std::string TextServer::multiply(const std::string& text, TaskReport& report) {
  WorkerPhases& phases = report.phases;
  Stopwatch watch;
  report.received_bytes = text.size() + kTextTerminator.size();
  const Factors factors = decode_text_task(text);
  product_shape(factors.a.shape(), factors.b.shape());
  phases.decode = watch.lap();
  Buffer product;
  const MatrixView view = runner_.multiply(factors.a, factors.b, product);
  phases.compute = watch.lap();
  Matrix::Values values(view.shape().size());
  std::memcpy(values.data(), view.data(), product.size());
  std::string reply = encode_text_product(Matrix(view.shape(), std::move(values)), phases, watch);
  phases.encode = watch.lap();
  return reply;
}

}  // namespace enxame::rpc
