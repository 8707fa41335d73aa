#include "coordinator/store/payload.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "coordinator/store/frame_view.h"
#include "coordinator/store/split_operands.h"
#include "json/envelope.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"

namespace enxame::coordinator {

namespace {

/// A checked text, and how it stands in JSON between quotes.
struct CheckedText {
  Shape shape;
  std::string in_json;  // empty where the text can stand there as it is
};

CheckedText check_text(std::string_view text) {
  const Matrix matrix = decode_text<double>(text);
  // White space may be line breaks and tabs, which JSON strings carry only as escapes, and as much
  // of it as anybody likes, which nobody has room for.
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) { return c < 0x20; });
  const bool is_wasteful = text.size() > most_text_bytes(matrix.shape());
  return {matrix.shape(), has_control || is_wasteful ? encode_text(matrix) : std::string()};
}

CheckedText check_member(const json::Envelope& envelope, const char* name) {
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
  const json::Envelope envelope(body);
  const CheckedText a = check_member(envelope, "A");
  const CheckedText b = check_member(envelope, "B");
  const Shape product = product_shape(a.shape, b.shape);
  const auto in_json = [&](const CheckedText& checked, const char* name) {
    return checked.in_json.empty() ? envelope.text(name) : std::string_view(checked.in_json);
  };
  return {Codec::json, join(in_json(a, "A"), in_json(b, "B")), product, {}};
}

/// f32 as f64, which holds every value of it.
std::string widened(const FrameView& a, const FrameView& b) {
  std::string frames;
  for (const FrameView& narrow : {a, b}) {
    const FrameHeader header{Dtype::f64, narrow.header.shape};
    std::string wide = frame_head(header);
    wide.resize(header.frame_bytes());
    for (std::size_t i = 0; i < header.shape.size(); ++i) {
      float value;
      std::memcpy(&value, narrow.elements.data() + i * sizeof value, sizeof value);
      const double as_double = value;
      std::memcpy(wide.data() + kFrameHeaderBytes + i * sizeof as_double, &as_double,
                  sizeof as_double);
    }
    frames += wide;
  }
  return frames;
}

void check_finite(const char* name, const FrameView& frame) {
  if (const auto at = find_not_finite(frame)) {
    throw FrameError(std::string(name) + ": " + describe_element(frame, *at) +
                     ", expected a finite number");
  }
}

Operands parse_binary_operands(std::string body) {
  std::string_view rest = body;
  const FrameView a = take_frame_view(rest);
  const FrameView b = view_frame(rest);
  if (a.header.dtype != b.header.dtype) {
    throw FrameError("A is " + std::string(to_string(a.header.dtype)) + " and B is " +
                     std::string(to_string(b.header.dtype)) + ", expected the same");
  }
  const Shape product = product_shape(a.header.shape, b.header.shape);
  check_finite("A", a);
  check_finite("B", b);
  if (a.header.dtype == Dtype::f32) body = widened(a, b);
  return {Codec::binary, std::move(body), product, {}};
}

/// The text of the frame at the front of `frames`, which is taken off.
std::string take_frame_as_text(std::string_view& frames) {
  return encode_text(take_frame<double>(frames));
}

std::string frames_of(const TileOf& of) {
  std::string frames;
  frames.reserve(of.whole->bytes_of(of.tile));
  append_frame(of.whole->a(of.tile), frames);
  return frames.append(of.whole->b_frame(of.tile));
}

constexpr std::size_t kMostBytesOfANumber = 25;

/// To write frames of so many bytes as text: a matrix, and the text.
std::size_t bytes_to_text(std::size_t frame_bytes) {
  return frame_bytes / sizeof(double) * (sizeof(double) + kMostBytesOfANumber);
}

/// To write a text as frames: a matrix, and the frame.
std::size_t bytes_to_frames(std::string_view text) {
  const auto numbers = static_cast<std::size_t>(std::ranges::count(text, ',')) + 2;
  return 2 * numbers * sizeof(double);
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
  const FrameView frame = view_frame(wire);
  expect_shape(frame.header.shape, expected);
  expect_f64_product(frame);
  if (const auto at = find_not_finite(frame)) {
    throw NotFinite("the product overflows: " + describe_element(frame, *at));
  }
  return {codec, std::move(wire)};
}

void check_product(Shape product, std::size_t max_bytes) {
  constexpr std::size_t kMostBytesAroundAll = 128;
  const std::size_t bytes =
      std::max(most_text_bytes(product), FrameHeader{Dtype::f64, product}.frame_bytes()) +
      kMostBytesAroundAll;
  if (bytes <= max_bytes) return;
  throw ProductTooLarge("the product, " + to_string(product) + ", may come back as " +
                        std::to_string(bytes) + " bytes of text; at most " +
                        std::to_string(max_bytes) + " are taken (--max-body and --max-in-flight)");
}

std::size_t most_product_bytes(std::size_t max_body_bytes, std::size_t max_in_flight_bytes) {
  const std::size_t translated_per_number = 2 * bytes_to_text(sizeof(double));
  return std::min(max_body_bytes,
                  max_in_flight_bytes / translated_per_number * kMostBytesOfANumber);
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
  const json::Envelope envelope(operands.wire);
  std::string frames;
  append_frame(decode_text<double>(envelope.text("A")), frames);
  append_frame(decode_text<double>(envelope.text("B")), frames);
  return frames;
}

std::size_t translated_bytes(const Operands& operands, Codec wanted) {
  if (operands.tile) {
    const std::size_t frames = operands.tile->whole->bytes_of(operands.tile->tile);
    return frames + (wanted == Codec::json ? bytes_to_text(frames) : 0);
  }
  if (operands.codec == wanted) return 0;
  return wanted == Codec::json ? bytes_to_text(operands.wire.size())
                               : bytes_to_frames(operands.wire);
}

std::size_t translated_bytes(const Result& result, Codec wanted) {
  if (wanted == Codec::binary) {
    return result.codec == Codec::binary ? 0 : bytes_to_frames(result.wire);
  }
  // A text is copied into the answer.
  return result.codec == Codec::json ? 2 * result.wire.size()
                                     : 2 * bytes_to_text(result.wire.size());
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

}  // namespace enxame::coordinator
