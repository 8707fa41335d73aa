#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "matmul/matrix.h"
#include "matmul/matrix_view.h"

namespace enxame {

// A frame is how a matrix travels in binary over every transport:
//
//   offset  bytes  field
//        0      4  magic, "ENXM"
//        4      2  version, 1
//        6      2  dtype: 1 = f64, 2 = f32
//        8      8  rows
//       16      8  columns
//       24      8  payload bytes: rows × columns × size of dtype
//       32     32  zero
//       64      …  payload, row-major, zero-padded to a multiple of 64 bytes
//
// All fields are little-endian. A frame's length is a multiple of 64, so frames that follow each
// other stay aligned.

/// Bytes that are not a frame. The message names the field, its value and what was expected.
class FrameError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

enum class Dtype : std::uint16_t { f64 = 1, f32 = 2 };

/// "f64" or "f32".
std::string_view to_string(Dtype dtype);

/// The size of one element.
std::size_t element_bytes(Dtype dtype);

struct FrameHeader {
  Dtype dtype;
  Shape shape;

  /// Bytes of the whole frame: header, payload and padding.
  std::size_t frame_bytes() const;
};

inline constexpr std::size_t kFrameHeaderBytes = 64;

/// Reads the header at the start of `bytes`, of which at least kFrameHeaderBytes must be there.
/// Throws FrameError for a wrong magic, version or dtype, a shape that no matrix can have, or a
/// payload size that does not follow from them.
FrameHeader parse_frame_header(std::string_view bytes);

/// The header of the frame of a matrix of that shape.
template <typename T>
std::array<char, kFrameHeaderBytes> frame_header(Shape shape);

/// Appends the frame of `matrix` to `out`.
template <typename T>
void append_frame(const MatrixOf<T>& matrix, std::string& out);

/// Takes one frame off the front of `bytes`: on return `bytes` starts behind it. Throws FrameError
/// when it is malformed, truncated or of another dtype than T; `bytes` is then unchanged.
template <typename T>
MatrixOf<T> take_frame(std::string_view& bytes);

/// The one frame that `bytes` holds; throws FrameError when anything follows it.
template <typename T>
MatrixOf<T> decode_frame(std::string_view bytes);

/// As take_frame(), with the values left where they are in `bytes`, which must be aligned for a T
/// and outlive the view.
template <typename T>
MatrixViewOf<T> take_frame_view(std::string_view& bytes);

}  // namespace enxame
