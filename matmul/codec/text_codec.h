#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "matmul/matrix.h"

namespace enxame {

/// A text that is not a matrix, or a matrix that has no text. The message says where: the byte
/// offset and the row, from 0.
class TextError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The text of a matrix as the original system writes it: "[[1,2],[3,4]]". Whole numbers below 2^53
/// have no fraction and no exponent; other values take the shortest form that reads back to the
/// same value. Throws TextError, with the element's place, for NaN and infinities, which JSON
/// cannot carry.
template <typename T>
std::string encode_text(const MatrixOf<T>& matrix);

/// The most bytes that the text of a matrix of that shape takes.
std::size_t most_text_bytes(Shape shape);

/// The most elements that the matrix of a text has, told without reading the numbers. Its memory is
/// asked for once, for as many.
std::size_t most_elements(std::string_view text);

/// The matrix of a text. Accepts JSON numbers and JSON white space between tokens; refuses with a
/// TextError everything else: rows of different lengths, no rows, empty rows, NaN, numbers that
/// overflow, text after the last bracket.
template <typename T>
MatrixOf<T> decode_text(std::string_view text);

}  // namespace enxame
