#include "worker/task_wire.h"

#include <new>
#include <optional>

#include "json/reader.h"
#include "json/writer.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "wire/rest.h"
#include "worker/numbers.h"

namespace enxame::worker {
namespace {

using wire::rest::kOperandHeader;
using wire::rest::kTaskHeader;
using wire::rest::media_type;

/// What the JSON of a task holds; the texts are views of the answer or of the reader's memory.
struct Envelope {
  std::optional<std::uint64_t> id;
  std::optional<std::string_view> a;
  std::optional<std::string_view> b;
};

void read_envelope(json::Reader& json, Envelope& envelope) {
  json.object([&](std::string_view key) {
    if (key == "taskId") {
      envelope.id = json.whole_number();
    } else if (key == "data") {
      json.object([&](std::string_view name) {
        if (name == "A") {
          envelope.a = json.string();
        } else if (name == "B") {
          envelope.b = json.string();
        } else {
          json.skip();
        }
      });
    } else {
      json.skip();
    }
  });
  json.end();
}

/// Decodes with `decode`; what is wrong with the matrix becomes words that name it.
template <typename Decode>
Matrix decode_named(std::string_view name, Decode&& decode) {
  try {
    return decode();
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string(name) + ": " + error.what());
  } catch (const std::bad_alloc&) {
    throw std::invalid_argument(std::string(name) + ": too large for this worker's memory");
  }
}

Matrix decode_member(std::string_view name, std::optional<std::string_view> text) {
  return decode_named(name, [&] {
    if (!text) throw std::invalid_argument("missing in the task's data");
    return decode_text<double>(*text);
  });
}

Task decode_json_task(std::string_view body) {
  json::Reader json(body);
  Envelope envelope;
  std::optional<std::string> broken;
  try {
    read_envelope(json, envelope);
  } catch (const json::Error& error) {
    broken = error.what();
  }
  if (!envelope.id) throw AnswerError(broken.value_or("a task without taskId"));
  if (broken) return {*envelope.id, *broken};
  try {
    return {*envelope.id, Operands{decode_member("A", envelope.a), decode_member("B", envelope.b)}};
  } catch (const std::invalid_argument& error) {
    return {*envelope.id, error.what()};
  }
}

std::uint64_t task_number(const HttpAnswer& answer) {
  const std::string_view header = answer.header(kTaskHeader);
  if (const auto id = parse_whole(header)) return *id;
  throw AnswerError(std::string(kTaskHeader) + ": \"" + std::string(header) +
                    "\", expected the number of the task");
}

Task decode_binary_task(const HttpAnswer& answer) {
  const std::uint64_t id = task_number(answer);
  std::string_view rest = answer.body;
  try {
    Matrix a = decode_named("A", [&] { return take_frame<double>(rest); });
    Matrix b = decode_named("B", [&] { return decode_frame<double>(rest); });
    return {id, Operands{std::move(a), std::move(b)}};
  } catch (const std::invalid_argument& error) {
    return {id, error.what()};
  }
}

}  // namespace

bool carries_task(const HttpAnswer& answer) {
  return answer.status == 200 && !answer.header(kTaskHeader).empty();
}

Task decode_task(const HttpAnswer& answer, Codec codec) {
  const std::string_view type = answer.header("Content-Type");
  const bool is_binary = type.starts_with(media_type(Codec::binary));
  if (is_binary != (codec == Codec::binary)) {
    throw AnswerError("a task as \"" + std::string(type) + "\", expected " +
                      std::string(media_type(codec)));
  }
  return is_binary ? decode_binary_task(answer) : decode_json_task(answer.body);
}

bool names_operand(const HttpAnswer& answer) { return !answer.header(kOperandHeader).empty(); }

NamedTile decode_named_tile(const HttpAnswer& answer) {
  const std::string_view header = answer.header(kOperandHeader);
  const auto digest = wire::parse_digest(header);
  if (!digest) {
    throw AnswerError(std::string(kOperandHeader) + ": \"" + std::string(header) +
                      "\", expected the 32 hexadecimal digits of a digest");
  }
  NamedTile tile{task_number(answer), *digest};
  try {
    tile.a = decode_named("A", [&] { return decode_frame<double>(answer.body); });
  } catch (const std::invalid_argument& error) {
    tile.unreadable = error.what();
  }
  return tile;
}

Matrix decode_operand(std::string_view body) {
  return decode_named("B", [&] { return decode_frame<double>(body); });
}

std::string encode_product(const Matrix& product, Codec codec) {
  std::string body;
  if (codec == Codec::binary) {
    append_frame(product, body);
    return body;
  }
  static constexpr std::string_view kBefore = "{\"result\":\"";
  static constexpr std::string_view kAfter = "\"}";
  const std::string text = encode_text(product);  // digits, commas and brackets: nothing to escape
  body.reserve(kBefore.size() + text.size() + kAfter.size());
  return body.append(kBefore).append(text).append(kAfter);
}

std::string encode_no_product(Ending ending, std::string_view reason) {
  const char* const why = ending == Ending::refused ? "refused" : "error";
  return json::Writer().open_object().member(why, reason).close_object().take();
}

}  // namespace enxame::worker
