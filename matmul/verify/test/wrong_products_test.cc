// Products that are wrong by more than rounding explains: each must be found.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "matmul/cut.h"
#include "matmul/kernel.h"
#include "matmul/partition.h"
#include "matmul/rounding.h"
#include "matmul/splitmix64.h"
#include "matmul/verify/freivalds.h"

namespace enxame {
namespace {

/// Σ|a|·|b| over the elements of that row of A·B.
double terms_of_row(const Matrix& a, const Matrix& b, std::size_t row) {
  double terms = 0;
  for (std::size_t p = 0; p < a.cols(); ++p) {
    for (std::size_t j = 0; j < b.cols(); ++j) terms += std::abs(a(row, p) * b(p, j));
  }
  return terms;
}

/// An error of one element that is found whatever the weights are: four times what rounding
/// explains, whose bound allows each term no more than 2·k + 2·n roundings.
double always_found(const Matrix& a, const Matrix& b, std::size_t row) {
  constexpr double kSlack = 1.001;
  return 4 * kSlack * rounding_bound<double>(2 * a.cols() + 2 * b.cols()) * terms_of_row(a, b, row);
}

double with_flipped_bit(double value, unsigned bit) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << bit));
}

std::size_t index_below(SplitMix64& random, std::size_t size) {
  return static_cast<std::size_t>(random() % size);
}

/// Whether the flip is more than rounding explains; NaN is.
bool is_beyond(double flipped, double value, double error) {
  return !(std::abs(flipped - value) <= error);
}

TEST(WrongProductTest, EveryFlippedBitOfEveryElementIsFoundThatRoundingCannotExplain) {
  const Matrix a = random_matrix<double>({7, 12}, 1);
  const Matrix b = random_matrix<double>({12, 9}, 2);
  const Matrix right = multiply(a, b, Kernel::naive);
  SplitMix64 random(3);
  std::size_t found = 0;
  for (std::size_t i = 0; i < right.rows(); ++i) {
    const double error = always_found(a, b, i);
    for (std::size_t j = 0; j < right.cols(); ++j) {
      for (unsigned bit = 0; bit < 64; ++bit) {
        Matrix wrong = right;
        wrong(i, j) = with_flipped_bit(right(i, j), bit);
        if (!is_beyond(wrong(i, j), right(i, j), error)) continue;
        const auto row = find_wrong_row(a, b, wrong, random());
        ASSERT_TRUE(row) << i << ", " << j << ", bit " << bit;
        ASSERT_EQ(row->row, i);
        ++found;
      }
    }
  }
  EXPECT_GT(found, right.shape().size() * 40);  // of 64 bits
}

/// Flips a bit of an element beyond `a`·`b`'s rounding; returns its row.
std::size_t flip_some_bit(Matrix& c, const Matrix& a, const Matrix& b, SplitMix64& random) {
  for (;;) {
    const std::size_t row = index_below(random, c.rows());
    double& element = c(row, index_below(random, c.cols()));
    const double flipped =
        with_flipped_bit(element, static_cast<unsigned>(index_below(random, 64)));
    if (!is_beyond(flipped, element, always_found(a, b, row))) continue;
    element = flipped;
    return row;
  }
}

TEST(WrongProductTest, OneFlippedElementInOneOfAHundredProductsIsFoundEachTime) {
  SplitMix64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto size = [&] { return 1 + index_below(random, 24); };
    const Shape left{size(), size()};
    const Matrix a = random_matrix<double>(left, random());
    const Matrix b = random_matrix<double>({left.cols, size()}, random());
    Matrix c = multiply(a, b, Kernel::simd);
    std::optional<std::size_t> flipped;
    if (i % 100 == 0) flipped = flip_some_bit(c, a, b, random);
    const auto wrong = find_wrong_row(a, b, c, random());
    ASSERT_EQ(wrong.has_value(), flipped.has_value()) << "product " << i;
    if (wrong) {
      ASSERT_EQ(wrong->row, *flipped) << "product " << i;
    }
  }
}

// With weights of ±1, half of all vectors miss the first and the second.
TEST(WrongProductTest, ErrorsThatWeightsOfOneSizeWouldCancelAreFound) {
  const Matrix a{{1, 2}, {3, 4}};
  const Matrix b{{5, 6}, {7, 8}};
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    EXPECT_FALSE(find_wrong_row(a, b, Matrix{{19, 22}, {43, 50}}, seed)) << seed;
    EXPECT_TRUE(find_wrong_row(a, b, Matrix{{20, 23}, {43, 50}}, seed)) << seed;
    EXPECT_TRUE(find_wrong_row(a, b, Matrix{{20, 21}, {43, 50}}, seed)) << seed;
    EXPECT_TRUE(find_wrong_row(a, b, Matrix{{19, 22}, {45, 49}}, seed)) << seed;
  }
}

// Two errors cancel where their weights are nearly equal, and of one sign.
TEST(WrongProductTest, ErrorsThatCancelPassAsSeldomAsTheirSizeAllows) {
  constexpr int kSeeds = 100'000;
  const Matrix a{{1}};
  const Matrix b{{1, 1}};
  const double allowed = 1.5 * rounding_bound<double>(6);  // weights are 3/4 on average
  const double error = 40 * allowed;
  const Matrix wrong{{1 + error, 1 - error}};
  int passed = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    if (!find_wrong_row(a, b, wrong, seed)) ++passed;
  }
  EXPECT_NEAR(passed, kSeeds * 2 * allowed / error, kSeeds / 100);
}

TEST(WrongProductTest, RightNumbersInAnotherPlaceAreFound) {
  const Matrix a = random_matrix<double>({12, 12}, 1);
  const Matrix b = random_matrix<double>({12, 12}, 2);
  const Matrix right = multiply(a, b, Kernel::naive);
  Matrix swapped_rows = right;
  Matrix swapped_columns = right;
  Matrix transposed(12, 12);
  Matrix shifted(12, 12);
  for (std::size_t i = 0; i < 12; ++i) {
    std::swap(swapped_rows(3, i), swapped_rows(4, i));
    std::swap(swapped_columns(i, 3), swapped_columns(i, 4));
    for (std::size_t j = 0; j < 12; ++j) {
      transposed(i, j) = right(j, i);
      shifted(i, j) = right(i, (j + 1) % 12);
    }
  }
  EXPECT_FALSE(find_wrong_row(a, b, right, 3));
  EXPECT_TRUE(find_wrong_row(a, b, swapped_rows, 3));
  EXPECT_TRUE(find_wrong_row(a, b, swapped_columns, 3));
  EXPECT_TRUE(find_wrong_row(a, b, transposed, 3));
  EXPECT_TRUE(find_wrong_row(a, b, shifted, 3));
  EXPECT_TRUE(find_wrong_row(a, b, multiply(b, a, Kernel::naive), 3)) << "factors swapped";
}

TEST(WrongProductTest, ProductsOfSomethingElseAreFound) {
  const Matrix a = random_matrix<double>({6, 8}, 1);
  const Matrix b = random_matrix<double>({8, 7}, 2);
  const Matrix another_b = random_matrix<double>({8, 7}, 3);
  EXPECT_TRUE(find_wrong_row(a, another_b, multiply(a, b, Kernel::naive), 4)) << "the one before";
  EXPECT_TRUE(find_wrong_row(a, b, Matrix(6, 7), 4)) << "zeros";
  Matrix without_a_term = a;
  without_a_term(5, 6) = 0;
  const auto wrong = find_wrong_row(a, b, multiply(without_a_term, b, Kernel::naive), 4);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->row, 5U);
}

TEST(WrongProductTest, AWrongElementOfATileIsFound) {
  const Matrix a = random_matrix<double>({13, 9}, 1);
  const Matrix b = random_matrix<double>({9, 11}, 2);
  SplitMix64 random(3);
  for (const SplitKind kind : {SplitKind::rows, SplitKind::grid}) {
    const Partition partition({13, 11}, kind, 6);
    for (std::size_t i = 0; i < partition.size(); ++i) {
      const MatrixView rows = rows_of(a, partition.tile(i).rows);
      const Matrix columns = columns_of(b, partition.tile(i).cols);
      Matrix tile(partition.tile(i).shape());
      multiply_into<double>(rows, columns, tile.data(), Kernel::naive);
      EXPECT_FALSE(find_wrong_row(rows, columns, tile, random())) << i;
      tile.values().back() += 1e-9;
      const auto wrong = find_wrong_row(rows, columns, tile, random());
      ASSERT_TRUE(wrong) << i;
      EXPECT_EQ(wrong->row, tile.rows() - 1);
    }
  }
}

TEST(WrongProductTest, IsFoundInASmallRowBesideAHugeOne) {
  Matrix a = random_matrix<double>({2, 8}, 1);
  const Matrix b = random_matrix<double>({8, 8}, 2);
  for (std::size_t p = 0; p < 8; ++p) {
    a(0, p) *= 1e300;
    a(1, p) *= 1e-300;
  }
  Matrix c = multiply(a, b, Kernel::naive);
  EXPECT_FALSE(find_wrong_row(a, b, c, 3));
  c(1, 7) *= 1 + 1e-9;
  const auto wrong = find_wrong_row(a, b, c, 3);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->row, 1U);
}

TEST(WrongProductTest, IsFoundWhereTheSumsOfTheTestOverflow) {
  Matrix a = random_matrix<double>({9, 8}, 1);
  Matrix b = random_matrix<double>({8, 50}, 2);
  for (double& x : a.values()) x *= 1e-300;
  for (double& x : b.values()) x *= 1.7e308;
  Matrix c = multiply(a, b, Kernel::naive);
  c(4, 49) *= 1 + 1e-9;
  const auto wrong = find_wrong_row(a, b, c, 3);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->row, 4U);
}

TEST(WrongProductTest, IsFoundAmongSubnormals) {
  Matrix a = random_matrix<double>({4, 4}, 1);
  Matrix b = random_matrix<double>({4, 4}, 2);
  for (double& x : a.values()) x *= 1e-155;
  for (double& x : b.values()) x *= 1e-155;
  Matrix c = multiply(a, b, Kernel::naive);
  EXPECT_FALSE(find_wrong_row(a, b, c, 3));
  c(2, 1) += 1e-320;
  const auto wrong = find_wrong_row(a, b, c, 3);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->row, 2U);
}

TEST(WrongProductTest, HasNoElementThatIsNotFiniteWhereNothingOverflows) {
  const Matrix a = random_matrix<double>({5, 6}, 1);
  const Matrix b = random_matrix<double>({6, 7}, 2);
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    Matrix c = multiply(a, b, Kernel::naive);
    c(3, 6) = value;
    const auto wrong = find_wrong_row(a, b, c, 3);
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->row, 3U);
    EXPECT_FALSE(std::isfinite(wrong->difference));
  }
}

TEST(WrongProductTest, IsFoundNextToARowThatOverflows) {
  const Matrix a{{1e200, 1}, {1, 1}};
  const Matrix b{{1e200}, {1}};
  Matrix c = multiply(a, b, Kernel::naive);
  ASSERT_TRUE(std::isinf(c(0, 0)));
  EXPECT_FALSE(find_wrong_row(a, b, c, 3));
  c(1, 0) *= 1 + 1e-9;
  const auto wrong = find_wrong_row(a, b, c, 3);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->row, 1U);
}

TEST(WrongProductTest, FiniteNumbersAreWrongWhereAnOperandIsNot) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(find_wrong_row(Matrix{{inf}}, Matrix{{1}}, Matrix{{1}}, 3));
  EXPECT_FALSE(find_wrong_row(Matrix{{inf}}, Matrix{{1}}, Matrix{{inf}}, 3));
}

TEST(WrongRowTest, IsTheOneThatIsFurthestOff) {
  const Matrix a = random_matrix<double>({6, 6}, 1);
  Matrix c = multiply(a, a, Kernel::naive);
  c(1, 1) += 0.5;
  c(2, 2) += 50;
  c(3, 3) += 5;
  EXPECT_EQ(find_wrong_row(a, a, c, 3)->row, 2U);
}

TEST(WrongRowTest, AllowsWhatRoundingExplainsAndLittleMore) {
  const Matrix a = random_matrix<double>({4, 500}, 1);
  const Matrix b = random_matrix<double>({500, 300}, 2);
  Matrix c = multiply(a, b, Kernel::naive);
  c(2, 100) += 1;
  const auto wrong = find_wrong_row(a, b, c, 3);
  ASSERT_TRUE(wrong);
  EXPECT_LT(wrong->difference, 1);
  EXPECT_GT(wrong->difference, 0.49);
  const double terms = terms_of_row(a, b, 2);
  // The weights are between 1/2 and 1, and the own sums of the test add less than half.
  EXPECT_GT(wrong->allowed, rounding_bound<double>(500) * terms / 2);
  EXPECT_LT(wrong->allowed, 1.5 * rounding_bound<double>(500) * terms);
}

}  // namespace
}  // namespace enxame
