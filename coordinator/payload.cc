#include "coordinator/payload.h"

#include <algorithm>
#include <utility>

#include "coordinator/frame_view.h"
#include "coordinator/split_operands.h"
#include "json/envelope.h"
#include "matmul/binary_codec.h"
#include "matmul/text_codec.h"

namespace enxame {

namespace {

/// A checked text, and how it stands in JSON between quotes.
struct CheckedText {
  Shape shape;
  std::string in_json;  // empty where the text can stand there as it is
};

CheckedText check_text(std::string_view text) {
  const Matrix matrix = decode_text<double>(text);
  // White space may be line breaks and tabs, which JSON strings carry only as escapes.
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) { return c < 0x20; });
  return {matrix.shape(), has_control ? encode_text(matrix) : std::string()};
}

CheckedText check_member(const Envelope& envelope, const char* name) {
  const std::string_view text = envelope.text(name);
  try {
    return check_text(text);
  } catch (const TextError& error) {
    throw TextError(std::string(name) + ": " + error.what());
  }
}

std::string join(std::string_view a, std::string_view b) {
  std::string json;
  json.reserve(a.size() + b.size() + 20);
  return json.append(R"({"A":")").append(a).append(R"(","B":")").append(b).append(R"("})");
}

Operands parse_json_operands(const std::string& body) {
  const Envelope envelope(body);
  const CheckedText a = check_member(envelope, "A");
  const CheckedText b = check_member(envelope, "B");
  const Shape product = product_shape(a.shape, b.shape);
  const auto in_json = [&](const CheckedText& checked, const char* name) {
    return checked.in_json.empty() ? envelope.text(name) : std::string_view(checked.in_json);
  };
  return {Codec::json, join(in_json(a, "A"), in_json(b, "B")), product, {}};
}

Operands parse_binary_operands(std::string body) {
  std::string_view rest = body;
  const FrameHeader a = take_frame_view(rest).header;
  const FrameHeader b = view_frame(rest).header;
  if (a.dtype != b.dtype) {
    throw FrameError("A is " + std::string(to_string(a.dtype)) + " and B is " +
                     std::string(to_string(b.dtype)) + ", expected the same");
  }
  const Shape product = product_shape(a.shape, b.shape);
  return {Codec::binary, std::move(body), product, {}};
}

/// The text of the frame at the front of `frames`, which is taken off.
std::string take_frame_as_text(std::string_view& frames) {
  if (parse_frame_header(frames).dtype == Dtype::f32) {
    return encode_text(take_frame<float>(frames));
  }
  return encode_text(take_frame<double>(frames));
}

std::string frames_of(const TileOf& of) {
  std::string frames;
  frames.reserve(of.whole->bytes_of(of.tile));
  append_frame(of.whole->a(of.tile), frames);
  return frames.append(of.whole->b_frame(of.tile));
}

void expect_shape(Shape actual, Shape expected) {
  if (actual == expected) return;
  throw ShapeError("the product is " + to_string(actual) + ", expected " + to_string(expected));
}

}  // namespace

Operands parse_operands(Codec codec, std::string body) {
  return codec == Codec::json ? parse_json_operands(body) : parse_binary_operands(std::move(body));
}

Result parse_result(Codec codec, std::string wire, Shape expected) {
  if (codec == Codec::json) {
    CheckedText text = check_text(wire);
    expect_shape(text.shape, expected);
    return {codec, text.in_json.empty() ? std::move(wire) : std::move(text.in_json)};
  }
  expect_shape(view_frame(wire).header.shape, expected);
  return {codec, std::move(wire)};
}

std::string to_json(const Operands& operands) {
  if (operands.codec == Codec::json) return operands.wire;
  const std::string of_tile = operands.tile ? frames_of(*operands.tile) : std::string();
  std::string_view frames = operands.tile ? of_tile : operands.wire;
  const std::string a = take_frame_as_text(frames);
  return join(a, take_frame_as_text(frames));
}

std::string to_frames(const Operands& operands) {
  if (operands.tile) return frames_of(*operands.tile);
  if (operands.codec == Codec::binary) return operands.wire;
  const Envelope envelope(operands.wire);
  std::string frames;
  append_frame(decode_text<double>(envelope.text("A")), frames);
  append_frame(decode_text<double>(envelope.text("B")), frames);
  return frames;
}

std::string to_text(const Result& result) {
  if (result.codec == Codec::json) return result.wire;
  std::string_view frame = result.wire;
  return take_frame_as_text(frame);
}

std::string to_frame(const Result& result, Dtype dtype) {
  if (result.codec == Codec::binary) return result.wire;
  std::string frame;
  if (dtype == Dtype::f32) {
    append_frame(decode_text<float>(result.wire), frame);
  } else {
    append_frame(decode_text<double>(result.wire), frame);
  }
  return frame;
}

}  // namespace enxame
