#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "matmul/binary_codec.h"
#include "matmul/codec.h"
#include "matmul/matrix.h"

namespace enxame {

class SplitOperands;

/// Which tile, and of what.
struct TileOf {
  std::shared_ptr<const SplitOperands> whole;
  std::size_t tile;
};

/// The two matrices of a task, as they travelled here: checked, and kept in the codec in which they
/// came; or those of a tile, which are kept with its task.
struct Operands {
  Codec codec;
  std::string wire;  ///< json: {"A":"…","B":"…"}; binary: the frame of A, then that of B
  Shape product;     ///< of A·B
  std::optional<TileOf> tile{};  ///< `wire` is then empty and `codec` binary
};

/// A product, as it travelled here: checked, and kept in the codec in which it came.
struct Result {
  Codec codec;
  std::string
      wire;  ///< json: the text, which can stand in JSON between quotes as it is; binary: a frame
};

/// Reads the body of a submission. Throws std::invalid_argument (EnvelopeError, TextError,
/// FrameError, ShapeError), which says what is wrong, when it does not hold two matrices that
/// multiply.
Operands parse_operands(Codec codec, std::string body);

/// Reads a product: a text or a frame. Throws std::invalid_argument when it is none of that shape.
Result parse_result(Codec codec, std::string wire, Shape expected);

/// {"A":"…","B":"…"}. Throws TextError for operands that hold what JSON cannot carry.
std::string to_json(const Operands& operands);

/// Two frames.
std::string to_frames(const Operands& operands);

/// The text. Throws TextError for a product that holds what JSON cannot carry.
std::string to_text(const Result& result);

/// A frame; `dtype` is that of one that has to be made.
std::string to_frame(const Result& result, Dtype dtype = Dtype::f64);

}  // namespace enxame
