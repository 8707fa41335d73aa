#include "coordinator/payload.h"

#include <algorithm>
#include <utility>

#include "coordinator/json_envelope.h"
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
  return {Codec::json, join(in_json(a, "A"), in_json(b, "B")), product};
}

/// Takes the frame at the front of `rest` off it without looking at its values.
FrameHeader skip_frame(std::string_view& rest) {
  const FrameHeader header = parse_frame_header(rest);
  if (header.frame_bytes() > rest.size()) {
    throw FrameError("the frame has " + std::to_string(rest.size()) + " bytes, expected " +
                     std::to_string(header.frame_bytes()));
  }
  const std::size_t element_bytes = header.dtype == Dtype::f64 ? sizeof(double) : sizeof(float);
  const std::string_view frame = rest.substr(0, header.frame_bytes());
  const std::string_view padding =
      frame.substr(kFrameHeaderBytes + header.shape.size() * element_bytes);
  if (padding.find_first_not_of('\0') != std::string_view::npos) {
    throw FrameError("the frame's padding holds bytes that are not 0");
  }
  rest.remove_prefix(frame.size());
  return header;
}

void expect_end(std::string_view rest) {
  if (rest.empty()) return;
  throw FrameError(std::to_string(rest.size()) + " bytes follow the last frame, expected none");
}

Operands parse_binary_operands(std::string body) {
  std::string_view rest = body;
  const FrameHeader a = skip_frame(rest);
  const FrameHeader b = skip_frame(rest);
  expect_end(rest);
  if (a.dtype != b.dtype) {
    throw FrameError("A is " + std::string(to_string(a.dtype)) + " and B is " +
                     std::string(to_string(b.dtype)) + ", expected the same");
  }
  const Shape product = product_shape(a.shape, b.shape);
  return {Codec::binary, std::move(body), product};
}

/// The text of the frame at the front of `frames`, which is taken off.
std::string take_frame_as_text(std::string_view& frames) {
  if (parse_frame_header(frames).dtype == Dtype::f32) {
    return encode_text(take_frame<float>(frames));
  }
  return encode_text(take_frame<double>(frames));
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
  std::string_view rest = wire;
  const FrameHeader header = skip_frame(rest);
  expect_end(rest);
  expect_shape(header.shape, expected);
  return {codec, std::move(wire)};
}

std::string to_json(const Operands& operands) {
  if (operands.codec == Codec::json) return operands.wire;
  std::string_view frames = operands.wire;
  const std::string a = take_frame_as_text(frames);
  return join(a, take_frame_as_text(frames));
}

std::string to_frames(const Operands& operands) {
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

std::string to_frame(const Result& result) {
  if (result.codec == Codec::binary) return result.wire;
  std::string frame;
  append_frame(decode_text<double>(result.wire), frame);
  return frame;
}

}  // namespace enxame
