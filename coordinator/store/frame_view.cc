#include "coordinator/store/frame_view.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

namespace enxame::coordinator {

namespace {

template <typename Bits>
Bits element(std::string_view elements, std::size_t i) {
  Bits bits;
  std::memcpy(&bits, elements.data() + i * sizeof bits, sizeof bits);
  return bits;
}

/// Whether any of the elements, IEEE 754 numbers whose exponent is `exponent`, is not finite. One
/// is not when all bits of its exponent are set: adding the lowest of them then carries into the
/// sign. Without an early exit, so that the compiler can look at many at a time.
template <typename Bits, Bits exponent>
bool any_not_finite(std::string_view elements) {
  constexpr Bits kLowest = exponent & (~exponent + 1);
  constexpr Bits kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
  Bits carries = 0;
  for (std::size_t i = 0; i < elements.size() / sizeof(Bits); ++i) {
    carries |= (element<Bits>(elements, i) & exponent) + kLowest;
  }
  return (carries & kSign) != 0;
}

double value_of(const FrameView& frame, std::size_t i) {
  return frame.header.dtype == Dtype::f64 ? element<double>(frame.elements, i)
                                          : element<float>(frame.elements, i);
}

}  // namespace

std::optional<std::size_t> find_not_finite(const FrameView& frame) {
  constexpr std::uint64_t kExponent64 = 0x7ff0'0000'0000'0000;
  constexpr std::uint32_t kExponent32 = 0x7f80'0000;
  const bool any = frame.header.dtype == Dtype::f64
                       ? any_not_finite<std::uint64_t, kExponent64>(frame.elements)
                       : any_not_finite<std::uint32_t, kExponent32>(frame.elements);
  if (!any) return std::nullopt;
  std::size_t i = 0;
  while (std::isfinite(value_of(frame, i))) ++i;
  return i;
}

void expect_f64_product(const FrameView& frame) {
  if (frame.header.dtype == Dtype::f64) return;
  throw FrameError("the product is " + std::string(to_string(frame.header.dtype)) +
                   ", expected f64");
}

std::string describe_element(const FrameView& frame, std::size_t index) {
  const std::size_t cols = frame.header.shape.cols;
  const double value = value_of(frame, index);
  const char* const name = std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  return "the element in row " + std::to_string(index / cols + 1) + ", column " +
         std::to_string(index % cols + 1) + " is " +
         (std::isfinite(value) ? std::to_string(value) : name);
}

FrameView take_frame_view(std::string_view& rest) {
  const FrameHeader header = parse_frame_header(rest);
  if (header.frame_bytes() > rest.size()) {
    throw FrameError("the frame has " + std::to_string(rest.size()) + " bytes, expected " +
                     std::to_string(header.frame_bytes()));
  }
  const std::string_view frame = rest.substr(0, header.frame_bytes());
  const std::size_t payload_bytes = header.shape.size() * element_bytes(header.dtype);
  const std::string_view padding = frame.substr(kFrameHeaderBytes + payload_bytes);
  if (padding.find_first_not_of('\0') != std::string_view::npos) {
    throw FrameError("the frame's padding holds bytes that are not 0");
  }
  rest.remove_prefix(frame.size());
  return {header, frame.substr(kFrameHeaderBytes, payload_bytes)};
}

FrameView view_frame(std::string_view bytes) {
  const FrameView frame = take_frame_view(bytes);
  if (bytes.empty()) return frame;
  throw FrameError(std::to_string(bytes.size()) + " bytes follow the last frame, expected none");
}

std::string frame_head(const FrameHeader& header) {
  const auto head = header.dtype == Dtype::f64 ? frame_header<double>(header.shape)
                                               : frame_header<float>(header.shape);
  return {head.data(), head.size()};
}

std::size_t padding_bytes(const FrameHeader& header) {
  return header.frame_bytes() - kFrameHeaderBytes -
         header.shape.size() * element_bytes(header.dtype);
}

void append_frame(const FrameView& frame, std::string& out) {
  out.append(frame_head(frame.header)).append(frame.elements);
  out.append(padding_bytes(frame.header), '\0');
}

}  // namespace enxame::coordinator
