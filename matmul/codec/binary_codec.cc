#include "matmul/codec/binary_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace enxame {

static_assert(std::endian::native == std::endian::little,
              "frames are little-endian and are copied to and from memory as they are");

namespace {

constexpr std::string_view kMagic = "ENXM";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kReservedBegin = 32;

template <typename T>
constexpr Dtype kDtypeOf = Dtype::f64;
template <>
constexpr Dtype kDtypeOf<float> = Dtype::f32;

std::size_t padded(std::size_t bytes) {
  return (bytes + kFrameHeaderBytes - 1) / kFrameHeaderBytes * kFrameHeaderBytes;
}

template <typename Field>
Field read_field(std::string_view bytes, std::size_t offset) {
  Field value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

[[noreturn]] void refuse(std::string_view field, const std::string& value,
                         const std::string& expected) {
  throw FrameError("frame: " + std::string(field) + " is " + value + ", expected " + expected);
}

std::string quoted(std::string_view bytes) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : bytes) {
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out + '"';
}

Dtype parse_dtype(std::uint16_t code) {
  const auto dtype = static_cast<Dtype>(code);
  if (dtype != Dtype::f64 && dtype != Dtype::f32) {
    refuse("dtype", std::to_string(code), "1 (f64) or 2 (f32)");
  }
  return dtype;
}

Shape parse_shape(std::uint64_t rows, std::uint64_t cols) {
  const auto check = [](std::string_view field, std::uint64_t value) {
    if (value == 0 || value > kMaxElements) {
      refuse(field, std::to_string(value), "1 to " + std::to_string(kMaxElements));
    }
  };
  // Each by itself first: they are 64-bit here, and std::size_t is not in Wasm.
  check("rows", rows);
  check("columns", cols);
  if (rows > kMaxElements / cols) {
    refuse("rows × columns", std::to_string(rows) + " × " + std::to_string(cols),
           "at most " + std::to_string(kMaxElements) + " elements");
  }
  return {static_cast<std::size_t>(rows), static_cast<std::size_t>(cols)};
}

void check_zero(std::string_view field, std::string_view bytes, std::size_t begin,
                std::size_t end) {
  const auto tail = bytes.substr(begin, end - begin);
  const std::size_t offset = tail.find_first_not_of('\0');
  if (offset != std::string_view::npos) {
    refuse(std::string(field) + " byte at offset " + std::to_string(begin + offset),
           std::to_string(static_cast<unsigned char>(tail[offset])), "0");
  }
}

}  // namespace

std::size_t element_bytes(Dtype dtype) {
  return dtype == Dtype::f64 ? sizeof(double) : sizeof(float);
}

std::string_view to_string(Dtype dtype) { return dtype == Dtype::f64 ? "f64" : "f32"; }

std::size_t FrameHeader::frame_bytes() const {
  return kFrameHeaderBytes + padded(shape.size() * element_bytes(dtype));
}

FrameHeader parse_frame_header(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) {
    refuse("length", std::to_string(bytes.size()) + " bytes",
           "at least the header's " + std::to_string(kFrameHeaderBytes));
  }
  const std::string_view magic = bytes.substr(0, kMagic.size());
  if (magic != kMagic) refuse("magic", quoted(magic), quoted(kMagic));
  const auto version = read_field<std::uint16_t>(bytes, 4);
  if (version != kVersion) refuse("version", std::to_string(version), std::to_string(kVersion));
  const Dtype dtype = parse_dtype(read_field<std::uint16_t>(bytes, 6));
  const Shape shape =
      parse_shape(read_field<std::uint64_t>(bytes, 8), read_field<std::uint64_t>(bytes, 16));
  const auto payload_bytes = read_field<std::uint64_t>(bytes, 24);
  const std::uint64_t expected_bytes = shape.size() * element_bytes(dtype);
  if (payload_bytes != expected_bytes) {
    refuse("payload bytes", std::to_string(payload_bytes),
           std::to_string(expected_bytes) + " for " + to_string(shape) + " of " +
               std::string(to_string(dtype)));
  }
  check_zero("reserved", bytes, kReservedBegin, kFrameHeaderBytes);
  return {dtype, shape};
}

template <typename T>
std::array<char, kFrameHeaderBytes> frame_header(Shape shape) {
  const FrameHeader header{kDtypeOf<T>, checked(shape)};
  std::array<char, kFrameHeaderBytes> head{};
  const auto write_field = [&head](std::size_t offset, auto value) {
    std::memcpy(head.data() + offset, &value, sizeof value);
  };
  std::copy(kMagic.begin(), kMagic.end(), head.begin());
  write_field(4, kVersion);
  write_field(6, static_cast<std::uint16_t>(header.dtype));
  write_field(8, std::uint64_t{header.shape.rows});
  write_field(16, std::uint64_t{header.shape.cols});
  write_field(24, std::uint64_t{header.shape.size() * sizeof(T)});
  return head;
}

template <typename T>
void append_frame(const MatrixOf<T>& matrix, std::string& out) {
  const std::array<char, kFrameHeaderBytes> head = frame_header<T>(matrix.shape());
  const std::size_t payload_bytes = matrix.shape().size() * sizeof(T);
  const std::size_t end = out.size() + FrameHeader{kDtypeOf<T>, matrix.shape()}.frame_bytes();
  out.reserve(end);
  out.append(head.data(), head.size());
  out.append(reinterpret_cast<const char*>(matrix.data()), payload_bytes);
  out.append(end - out.size(), '\0');
}

namespace {

/// The shape of the frame at the front of `bytes`, which it takes off, and its values as bytes.
template <typename T>
std::pair<Shape, const char*> take_checked(std::string_view& bytes) {
  const FrameHeader header = parse_frame_header(bytes);
  if (header.dtype != kDtypeOf<T>) {
    refuse("dtype", std::string(to_string(header.dtype)), std::string(to_string(kDtypeOf<T>)));
  }
  const std::size_t frame_bytes = header.frame_bytes();
  if (bytes.size() < frame_bytes) {
    refuse("length", std::to_string(bytes.size()) + " bytes",
           std::to_string(frame_bytes) + " for " + to_string(header.shape) + " of " +
               std::string(to_string(header.dtype)));
  }
  const std::size_t payload_bytes = header.shape.size() * sizeof(T);
  check_zero("padding", bytes, kFrameHeaderBytes + payload_bytes, frame_bytes);
  const char* const values = bytes.data() + kFrameHeaderBytes;
  bytes.remove_prefix(frame_bytes);
  return {header.shape, values};
}

}  // namespace

template <typename T>
MatrixOf<T> take_frame(std::string_view& bytes) {
  const auto [shape, from] = take_checked<T>(bytes);
  typename MatrixOf<T>::Values values(shape.size());
  std::memcpy(values.data(), from, values.size() * sizeof(T));
  return {shape, std::move(values)};
}

template <typename T>
MatrixViewOf<T> take_frame_view(std::string_view& bytes) {
  const auto [shape, from] = take_checked<T>(bytes);
  return {shape, reinterpret_cast<const T*>(from)};
}

template <typename T>
MatrixOf<T> decode_frame(std::string_view bytes) {
  const std::size_t all_bytes = bytes.size();
  MatrixOf<T> matrix = take_frame<T>(bytes);
  if (!bytes.empty()) {
    refuse("length", std::to_string(all_bytes) + " bytes",
           std::to_string(all_bytes - bytes.size()) + " and nothing behind the frame");
  }
  return matrix;
}

template std::array<char, kFrameHeaderBytes> frame_header<double>(Shape);
template std::array<char, kFrameHeaderBytes> frame_header<float>(Shape);
template void append_frame(const Matrix&, std::string&);
template void append_frame(const MatrixF32&, std::string&);
template Matrix take_frame<double>(std::string_view&);
template MatrixF32 take_frame<float>(std::string_view&);
template MatrixViewOf<double> take_frame_view<double>(std::string_view&);
template MatrixViewOf<float> take_frame_view<float>(std::string_view&);
template Matrix decode_frame<double>(std::string_view);
template MatrixF32 decode_frame<float>(std::string_view);

}  // namespace enxame
