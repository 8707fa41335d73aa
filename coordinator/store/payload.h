#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "matmul/codec/binary_codec.h"
#include "matmul/codec/codec.h"
#include "matmul/matrix.h"

namespace enxame::coordinator {

class SplitOperands;

/// Which tile, and of what.
struct TileOf {
  std::shared_ptr<const SplitOperands> whole;
  std::size_t tile;
};

/// The two matrices of a task, as they travelled here: checked, and kept in the codec in which they
/// came (f32 widened to f64, in which everything is computed); or those of a tile, which are kept
/// with its task. All numbers are finite: a task must not depend on whether JSON, which has no
/// others, carries it to its worker.
struct Operands {
  Codec codec;
  std::string wire;  ///< json: {"A":"…","B":"…"}; binary: the frame of A, then that of B, f64
  Shape product;     ///< of A·B
  std::optional<TileOf> tile{};  ///< `wire` is then empty and `codec` binary
};

/// A product, as it travelled here: checked, and kept in the codec in which it came. All numbers
/// are finite.
struct Result {
  Codec codec;
  std::string wire;  ///< json: the text, which can stand in JSON between quotes as it is; binary: a
                     ///< frame of f64
};

/// A product with numbers that are not finite: the multiplication overflows, whoever computes it.
class NotFinite : public std::range_error {
 public:
  using std::range_error::range_error;
};

/// Reads the body of a submission. Throws std::invalid_argument (EnvelopeError, TextError,
/// FrameError, ShapeError), which says what is wrong, when it does not hold two matrices that
/// multiply.
Operands parse_operands(Codec codec, std::string body);

/// Reads a product: a text or a frame. Throws std::invalid_argument when it is none of that shape,
/// NotFinite.
Result parse_result(Codec codec, std::string wire, Shape expected);

/// A task whose product is more than a worker may return.
class ProductTooLarge : public std::length_error {
 public:
  using std::length_error::length_error;
};

/// Throws ProductTooLarge when what a worker returns, a text or a frame, could have more than
/// `max_bytes`: a task must not depend on the codec of whoever takes it.
void check_product(Shape product, std::size_t max_bytes);

/// What a product may take as text, so that its worker can return it in a body of `max_body_bytes`,
/// and whoever asks for it can be answered within `max_in_flight_bytes`, see translated_bytes().
std::size_t most_product_bytes(std::size_t max_body_bytes, std::size_t max_in_flight_bytes);

/// {"A":"…","B":"…"}.
std::string to_json(const Operands& operands);

/// Two frames.
std::string to_frames(const Operands& operands);

/// What writing operands, or a product, in that codec takes at most, with all that is made on the
/// way; 0 where they are sent from where they lie.
std::size_t translated_bytes(const Operands& operands, Codec wanted);
std::size_t translated_bytes(const Result& result, Codec wanted);

/// The text.
std::string to_text(const Result& result);

/// A frame.
std::string to_frame(const Result& result);

}  // namespace enxame::coordinator
