#include "native-baseline/origin_rpc/text_wire.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "json/envelope.h"
#include "json/utf8.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/phases.h"
#include "matmul/timing/stopwatch.h"

namespace enxame::rpc {
namespace {

Matrix factor(const json::Envelope& task, const char* name) {
  try {
    return decode_text<double>(task.text(name));
  } catch (const TextError& error) {
    throw TextTaskError(std::string(name) + ": " + error.what());
  }
}

wire::Message error_message(wire::MessageKind kind, std::string_view reason) {
  wire::Message message{{kind, 0, reason.size()}, {}};
  message.payload.resize(reason.size());
  std::ranges::copy(reason, message.payload.data());
  return message;
}

WorkerPhases phases_of(const json::Envelope& answer) {
  if (!answer.has("timing")) return {};
  try {
    return parse_worker_phases(answer.text("timing"));
  } catch (const std::invalid_argument& error) {
    throw wire::ProtocolError(error.what());
  }
}

wire::Message read_text_answer(std::string_view text) {
  const json::Envelope answer(text);
  for (const wire::MessageKind kind : {wire::MessageKind::refused, wire::MessageKind::failed}) {
    if (answer.has(to_string(kind))) return error_message(kind, answer.text(to_string(kind)));
  }
  const std::string_view result = answer.text("result");
  const auto phases = wire::encode_worker_phases(phases_of(answer));
  wire::Message message{{wire::MessageKind::product, 0, phases.size() + result.size()}, {}};
  message.payload.resize(phases.size() + result.size());
  std::ranges::copy(result, std::ranges::copy(phases, message.payload.data()).out);
  return message;
}

}  // namespace

std::optional<std::string> receive_text(Channel& channel, std::size_t max_bytes,
                                        net::Deadline deadline,
                                        const std::function<void(std::size_t)>& make_room) {
  constexpr std::size_t kFirstBytes = 4096;
  constexpr std::size_t kBytesPerLook = 1024;  // at the clock
  std::string text;
  while (!text.ends_with(kTextTerminator)) {
    if (text.size() == max_bytes + kTextTerminator.size()) {
      throw wire::ProtocolError("a text of more than the " + std::to_string(max_bytes) +
                                " bytes allowed, without its terminator");
    }
    const std::optional<char> byte = channel.receive_byte(deadline.at());
    if (!byte && text.empty()) return std::nullopt;
    if (!byte) {
      throw wire::ProtocolError("connection closed after " + std::to_string(text.size()) +
                                " bytes of a text, before its terminator \\r\\r\\r\\r");
    }
    if (text.size() == text.capacity()) {
      const std::size_t larger = std::max(kFirstBytes, 2 * text.capacity());
      make_room(larger + text.capacity());  // while it moves there are both
      text.reserve(larger);
    }
    text += *byte;
    if (text.size() % kBytesPerLook == 0) deadline.moved(kBytesPerLook);
  }
  text.resize(text.size() - kTextTerminator.size());
  return text;
}

std::string encode_text_task(const Matrix& a, const Matrix& b) {
  // The text of a matrix has nothing that JSON would want escaped.
  return R"({"method":"multiply","A":")" + encode_text(a) + R"(","B":")" + encode_text(b) + "\"}" +
         std::string(kTextTerminator);
}

wire::Factors decode_text_task(std::string_view text) try {
  const json::Envelope task(text);
  if (const std::string_view method = task.text("method"); method != "multiply") {
    throw TextTaskError("the method is \"" + json::quotable(method) + "\", expected \"multiply\"");
  }
  return {factor(task, "A"), factor(task, "B")};
} catch (const json::EnvelopeError& error) {
  throw TextTaskError(std::string(error.what()) +
                      R"(; a task is such as {"method":"multiply","A":"[[1,2]]","B":"[[3],[4]]"})");
}

std::size_t text_task_bytes(std::string_view text) {
  return most_elements(text) * sizeof(double) + text.size();
}

std::string encode_text_product(const Matrix& c, WorkerPhases phases, Stopwatch watch) {
  std::string text = R"({"result":")" + encode_text(c) + R"(","timing":")";
  phases.encode = watch.lap();
  if (phases.received_at != Duration::zero()) phases.sent_at = watch.lap_began_at();
  return text.append(to_server_timing(phases)).append("\"}").append(kTextTerminator);
}

std::string encode_text_error(wire::MessageKind kind, const std::string& reason) {
  // What a client sent may be quoted in the reason, and need not be UTF-8.

  return nlohmann::json{{to_string(kind), reason}}.dump(-1, ' ', false,
                                                        nlohmann::json::error_handler_t::replace) +
         std::string(kTextTerminator);
}

wire::Message decode_text_answer(std::string_view text) {
  try {
    return read_text_answer(text);
  } catch (const json::EnvelopeError& error) {
    throw wire::ProtocolError(std::string("the answer: ") + error.what());
  }
}

}  // namespace enxame::rpc
