#include "coordinator/broker/verification.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <random>
#include <string_view>

#include "matmul/codec/binary_codec.h"
#include "matmul/product_check.h"

namespace enxame::coordinator {

namespace {

std::uint64_t secret() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random();
}

Matrix matrix_of(const Result& product) {
  const std::string frame = to_frame(product);
  return decode_frame<double>(frame);
}

std::string in_digits(double value) {
  std::array<char, 32> buffer;
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

}  // namespace

std::optional<std::string> why_not_product(const Operands& operands, const Result& product) {
  const std::string frames = to_frames(operands);
  std::string_view rest = frames;
  const Matrix a = take_frame<double>(rest);
  const Matrix b = take_frame<double>(rest);
  if (passes_freivalds(a, b, matrix_of(product), secret())) return std::nullopt;
  return "it is not the product of the task's matrices";
}

std::optional<std::string> difference(const Result& first, const Result& second) {
  if (first.codec == second.codec && first.wire == second.wire) return std::nullopt;
  const Matrix a = matrix_of(first);
  const Matrix b = matrix_of(second);
  if (a.shape() != b.shape()) {
    return "the first is " + to_string(a.shape()) + ", the second " + to_string(b.shape());
  }
  double most = 0;
  std::size_t row = 0;
  std::size_t column = 0;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j < a.cols(); ++j) {
      const double apart = std::abs(a(i, j) - b(i, j));
      if (apart <= most) continue;
      most = apart;
      row = i;
      column = j;
    }
  }
  if (most == 0) return std::nullopt;
  return "row " + std::to_string(row + 1) + ", column " + std::to_string(column + 1) + " is " +
         in_digits(a(row, column)) + " in the first and " + in_digits(b(row, column)) +
         " in the second";
}

}  // namespace enxame::coordinator
