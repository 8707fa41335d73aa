#include "matmul/verify/freivalds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "matmul/codec/binary_codec.h"
#include "matmul/kernels/simd.h"
#include "matmul/rounding.h"
#include "matmul/test/example.h"

namespace enxame {
namespace {

using ::testing::ThrowsMessage;

TEST(FreivaldsTest, RefusesShapesThatDoNotGoTogether) {
  EXPECT_THAT([] { find_wrong_row(Matrix(2, 3), Matrix(3, 4), Matrix(4, 2), 1); },
              ThrowsMessage<ShapeError>("the product is 4 × 2, expected 2 × 4"));
  EXPECT_THROW(find_wrong_row(Matrix(2, 3), Matrix(2, 3), Matrix(2, 3), 1), ShapeError);
}

TEST(FreivaldsTest, TakesMatricesWhereTheyLieInFrames) {
  std::string bytes;
  for (const Matrix& matrix : {kA, kB, kC}) append_frame(matrix, bytes);
  std::string_view rest = bytes;
  const MatrixView a = take_frame_view<double>(rest);
  const MatrixView b = take_frame_view<double>(rest);
  const MatrixView c = take_frame_view<double>(rest);
  EXPECT_FALSE(find_wrong_row(a, b, c, 1));
  EXPECT_TRUE(find_wrong_row(b, a, c, 1));
}

TEST(FreivaldsTest, SaysWhereAndByHowMuch) {
  EXPECT_EQ(to_string(WrongRow{2, 0.51234, 1.23456e-12}),
            "row 3 is off by 0.512 under random weights, 1.23e-12 allowed");
  EXPECT_EQ(to_string(WrongRow{0, std::numeric_limits<double>::infinity(), 1}),
            "row 1 is off by inf under random weights, 1 allowed");
}

/// Σ row_j·x_j, or the sum of the magnitudes of its terms.
long double exact_sum(const Matrix& matrix, std::size_t row, const std::vector<double>& x,
                      bool magnitudes) {
  long double sum = 0;
  for (std::size_t j = 0; j < matrix.cols(); ++j) {
    const long double term = static_cast<long double>(matrix(row, j)) * x[j];
    sum += magnitudes ? std::abs(term) : term;
  }
  return sum;
}

// Every length up to two full sets of chains of the widest vectors, so that all edges occur.
TEST(RowSumsTest, AreRightInEveryVariantAndLength) {
  for (const internal::SimdVariant* variant : internal::supported_simd_variants()) {
    SCOPED_TRACE(variant->name);
    for (std::size_t cols = 1; cols <= 80; ++cols) {
      const Matrix matrix = random_matrix<double>({3, cols}, cols);
      const Matrix weights = random_matrix<double>({1, cols}, 100 + cols);
      const std::vector<double> x(weights.values().begin(), weights.values().end());
      std::vector<double> w;
      for (const double value : x) w.push_back(std::abs(value));
      std::vector<double> only_sums(3);
      std::vector<double> sums(3);
      std::vector<double> magnitudes(3);
      variant->row_sums(3, cols, matrix.data(), x.data(), nullptr, only_sums.data(), nullptr);
      variant->row_sums(3, cols, matrix.data(), x.data(), w.data(), sums.data(), magnitudes.data());
      for (std::size_t i = 0; i < 3; ++i) {
        const auto magnitude = static_cast<double>(exact_sum(matrix, i, x, true));
        const double allowed =
            rounding_bound<double>(internal::row_sum_roundings(cols) + 1) * magnitude;
        const auto sum = static_cast<double>(exact_sum(matrix, i, x, false));
        EXPECT_NEAR(only_sums[i], sum, allowed) << cols;
        EXPECT_NEAR(sums[i], sum, allowed) << cols;
        EXPECT_NEAR(magnitudes[i], magnitude, allowed) << cols;
      }
    }
  }
}

}  // namespace
}  // namespace enxame
