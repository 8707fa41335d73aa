#include "native-baseline/rpc/text_wire.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "matmul/phases.h"
#include "matmul/stopwatch.h"
#include "matmul/text_codec.h"

namespace enxame::rpc {
namespace {

using nlohmann::json;

const std::string* text_member(const json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

/// A value as an error quotes it: what has members only by its type, since it may be of any depth.
std::string quoted(const json& value) {
  return value.is_structured() ? value.type_name()
                               : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Matrix factor(const json& task, const char* name) {
  const std::string* const text = text_member(task, name);
  if (text == nullptr) {
    throw TextTaskError(std::string("the task has no \"") + name +
                        "\" that is a string such as \"[[1,2],[3,4]]\"");
  }
  return decode_text<double>(*text);
}

Message error_message(MessageKind kind, std::string_view reason) {
  Message message{{kind, 0, reason.size()}, {}};
  message.payload.resize(reason.size());
  std::ranges::copy(reason, message.payload.data());
  return message;
}

WorkerPhases phases_of(const json& answer) {
  const std::string* const timing = text_member(answer, "timing");
  if (timing == nullptr) return {};
  try {
    return parse_worker_phases(*timing);
  } catch (const std::invalid_argument& error) {
    throw ProtocolError(error.what());
  }
}

}  // namespace

std::optional<std::string> receive_text(Channel& channel, std::size_t max_bytes,
                                        Deadline deadline) {
  std::string text;
  while (!text.ends_with(kTextTerminator)) {
    if (text.size() == max_bytes + kTextTerminator.size()) {
      throw ProtocolError("a text of more than the " + std::to_string(max_bytes) +
                          " bytes allowed, without its terminator");
    }
    const std::optional<char> byte = channel.receive_byte(deadline);
    if (!byte && text.empty()) return std::nullopt;
    if (!byte) {
      throw ProtocolError("connection closed after " + std::to_string(text.size()) +
                          " bytes of a text, before its terminator \\r\\r\\r\\r");
    }
    text += *byte;
  }
  text.resize(text.size() - kTextTerminator.size());
  return text;
}

std::string encode_text_task(const Matrix& a, const Matrix& b) {
  // The text of a matrix has nothing that JSON would want escaped.
  return R"({"method":"multiply","A":")" + encode_text(a) + R"(","B":")" + encode_text(b) + "\"}" +
         std::string(kTextTerminator);
}

Factors decode_text_task(std::string_view text) {
  const json task = json::parse(text, nullptr, false);
  if (!task.is_object()) {
    throw TextTaskError(
        R"(the text is not a JSON object such as {"method":"multiply","A":"[[1]]","B":"[[2]]"})");
  }
  const std::string* const method = text_member(task, "method");
  if (method == nullptr || *method != "multiply") {
    throw TextTaskError("the method is " +
                        (task.contains("method") ? quoted(task["method"]) : "missing") +
                        ", expected \"multiply\"");
  }
  return {factor(task, "A"), factor(task, "B")};
}

std::string encode_text_product(const Matrix& c, WorkerPhases phases, Stopwatch watch) {
  std::string text = R"({"result":")" + encode_text(c) + R"(","timing":")";
  phases.encode = watch.lap();
  if (phases.received_at != Duration::zero()) phases.sent_at = watch.lap_began_at();
  return text.append(to_server_timing(phases)).append("\"}").append(kTextTerminator);
}

std::string encode_text_error(MessageKind kind, const std::string& reason) {
  // What a client sent may be quoted in the reason, and need not be UTF-8.
  return json{{to_string(kind), reason}}.dump(-1, ' ', false, json::error_handler_t::replace) +
         std::string(kTextTerminator);
}

Message decode_text_answer(std::string_view text) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object()) {
    throw ProtocolError("the answer is not a JSON object such as {\"result\":\"[[1]]\"}");
  }
  for (const MessageKind kind : {MessageKind::refused, MessageKind::failed}) {
    const std::string* const reason = text_member(answer, to_string(kind).data());
    if (reason != nullptr) return error_message(kind, *reason);
  }
  const std::string* const result = text_member(answer, "result");
  if (result == nullptr) throw ProtocolError("the answer has no \"result\" that is a string");
  const auto phases = encode_worker_phases(phases_of(answer));
  Message message{{MessageKind::product, 0, phases.size() + result->size()}, {}};
  message.payload.resize(phases.size() + result->size());
  std::ranges::copy(*result, std::ranges::copy(phases, message.payload.data()).out);
  return message;
}

}  // namespace enxame::rpc
