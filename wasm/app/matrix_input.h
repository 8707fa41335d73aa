#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "worker/operands.h"

namespace enxame::app {

/// What a person typed cannot be used. The message names the field, what stands there and what was
/// expected.
class InputError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// What can be said of one typed matrix.
struct TextCheck {
  std::optional<Shape> shape;  ///< nothing when the text is no matrix
  std::string message;  ///< "2 × 3", what is wrong with the text, or a hint when it is empty
};

/// What can be said of two typed matrices.
struct PairCheck {
  TextCheck a;
  TextCheck b;
  std::string together;  ///< "the product is 2 × 4", why there is none, or empty while one of them
                         ///< is no matrix
  bool ready = false;    ///< they can be submitted
};

PairCheck check_pair(std::string_view text_a, std::string_view text_b);

/// {"a":"…","a-ok":true,"b":"…","b-ok":true,"together":"…","ready":true}.
std::string to_view(const PairCheck& check);

/// The matrices of two texts that can be multiplied. Throws InputError.
worker::Operands parse_pair(std::string_view text_a, std::string_view text_b);

/// Which matrices to generate: A is rows × inner, B inner × cols.
struct Recipe {
  std::size_t rows;
  std::size_t inner;
  std::size_t cols;
  std::uint64_t seed;
};

/// The most elements of a generated matrix, and so of its product: 2^22 (2048 × 2048), 80 MB of
/// text.
inline constexpr std::size_t kMaxGenerated = std::size_t{1} << 22;

/// Reads the four fields of the form. Throws InputError.
Recipe parse_recipe(std::string_view rows, std::string_view inner, std::string_view cols,
                    std::string_view seed);

/// Values from [-1, 1), the same for the same recipe everywhere: A from `seed`, B from `seed` + 1.
worker::Operands generate(const Recipe& recipe);

}  // namespace enxame::app
