#include "matmul/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "matmul/splitmix64.h"

namespace enxame {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t kLargest = std::numeric_limits<std::size_t>::max();

TEST(Shape, OfNoElementsIsRefused) {
  for (const Shape shape : {Shape{0, 0}, Shape{0, 3}, Shape{3, 0}}) {
    EXPECT_THAT([&] { checked(shape); }, ThrowsMessage<ShapeError>(HasSubstr(to_string(shape))));
  }
}

TEST(Shape, OfMoreThanTheMostElementsIsRefused) {
  EXPECT_EQ(checked({1, kMaxElements}), (Shape{1, kMaxElements}));
  EXPECT_EQ(checked({std::size_t{1} << 14, std::size_t{1} << 14}).size(), kMaxElements);
  EXPECT_THROW(checked({1, kMaxElements + 1}), ShapeError);
  EXPECT_THROW(checked({kMaxElements / 2 + 1, 2}), ShapeError);
}

TEST(Shape, WhoseSizeWrapsAroundIsRefused) {
  constexpr std::size_t half_of_the_bits = std::size_t{1} << (sizeof(std::size_t) * 4);
  ASSERT_EQ(half_of_the_bits * half_of_the_bits, 0U);
  EXPECT_THROW(checked({half_of_the_bits, half_of_the_bits}), ShapeError);
  EXPECT_THROW(checked({kLargest, kLargest}), ShapeError);
  EXPECT_THROW(checked({kLargest / 2 + 2, 2}), ShapeError);
}

TEST(Shape, OfAProductHasTheOuterDimensions) {
  EXPECT_EQ(product_shape({2, 3}, {3, 5}), (Shape{2, 5}));
}

TEST(Shape, OfNoProductIsRefusedWithBothShapes) {
  EXPECT_THAT(
      [] {
        product_shape({2, 3}, {4, 5});
      },
      ThrowsMessage<ShapeError>(AllOf(HasSubstr("2 × 3"), HasSubstr("4 × 5"))));
}

TEST(Shape, OfAProductThatIsTooLargeIsRefused) {
  EXPECT_THROW(product_shape({kMaxElements, 1}, {1, 2}), ShapeError);
}

TEST(Matrix, StartsWithZeros) {
  const Matrix matrix(2, 3);
  EXPECT_EQ(matrix.shape(), (Shape{2, 3}));
  EXPECT_THAT(matrix.values(), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(Matrix, StoresRowAfterRow) {
  Matrix matrix{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(matrix.shape(), (Shape{2, 3}));
  EXPECT_EQ(matrix(1, 0), 4);
  matrix(1, 0) = 7;
  EXPECT_THAT(matrix.values(), ElementsAre(1, 2, 3, 7, 5, 6));
}

TEST(Matrix, IsAligned) {
  for (std::size_t n = 1; n < 20; ++n) {
    const MatrixF32 matrix(n, n);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(matrix.data()) % 64, 0U) << n;
  }
}

TEST(Matrix, OfRowsOfDifferentLengthsIsRefusedWithTheRow) {
  EXPECT_THAT(([] {
                Matrix{{1, 2}, {3, 4}, {5}};
              }),
              ThrowsMessage<ShapeError>("row 2 has 1 elements, expected 2 as in row 0"));
}

TEST(Matrix, TakesOverExactlyAsManyValuesAsItHasElements) {
  const Matrix matrix(Shape{1, 2}, Matrix::Values{3, 4});
  EXPECT_EQ(matrix, (Matrix{{3, 4}}));
  EXPECT_THAT(
      [] {
        Matrix(Shape{2, 2}, Matrix::Values{1, 2, 3});
      },
      ThrowsMessage<ShapeError>("3 values for a matrix of 2 × 2, expected 4"));
  EXPECT_THROW(Matrix(Shape{0, 0}, Matrix::Values{}), ShapeError);
}

TEST(Matrix, IsEmptyOnceMovedFrom) {
  Matrix source{{1, 2}};
  Matrix target(std::move(source));
  EXPECT_EQ(target, (Matrix{{1, 2}}));
  EXPECT_EQ(source.shape(), (Shape{0, 0}));  // NOLINT(bugprone-use-after-move): what is promised
  EXPECT_TRUE(source.values().empty());

  source = std::move(target);
  EXPECT_EQ(source, (Matrix{{1, 2}}));
  EXPECT_EQ(target.shape(), (Shape{0, 0}));  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(target.values().empty());
}

TEST(Matrix, SurvivesBeingMovedToItself) {
  Matrix matrix{{1, 2}};
  Matrix& same = matrix;
  matrix = std::move(same);
  EXPECT_EQ(matrix, (Matrix{{1, 2}}));
}

TEST(Matrix, DiffersWhenShapesDoWithTheSameValues) {
  EXPECT_NE((Matrix{{1, 2}}), (Matrix{{1}, {2}}));
}

TEST(SplitMix64, GivesThePublishedNumbers) {
  SplitMix64 random(1234567);
  EXPECT_EQ(random(), 6457827717110365317U);
  EXPECT_EQ(random(), 3203168211198807973U);
  EXPECT_EQ(random(), 9817491932198370423U);
}

// What those three numbers are in [-1, 1), with 53 and with 24 bits.
TEST(RandomMatrix, IsTheSameOnEveryPlatform) {
  EXPECT_THAT(random_matrix<double>({1, 3}, 1234567).values(),
              ElementsAre(-0x1.33097f4027b84p-2, -0x1.4e303dee9eafep-1, 0x1.07d79cb47e4f0p-4));
  EXPECT_THAT(random_matrix<float>({1, 3}, 1234567).values(),
              ElementsAre(-0x1.3309800000000p-2F, -0x1.4e30400000000p-1F, 0x1.07d7800000000p-4F));
}

TEST(RandomMatrix, DependsOnTheSeed) {
  EXPECT_EQ(random_matrix<double>({5, 5}, 1), random_matrix<double>({5, 5}, 1));
  EXPECT_NE(random_matrix<double>({5, 5}, 1), random_matrix<double>({5, 5}, 2));
}

TEST(RandomMatrix, IsSpreadOverItsRange) {
  const auto check = [](auto matrix) {
    using T = typename decltype(matrix)::value_type;
    const auto [lowest, highest] =
        std::minmax_element(matrix.values().begin(), matrix.values().end());
    EXPECT_GE(*lowest, T{-1});
    EXPECT_LT(*highest, T{1});
    double sum = 0;
    double sum_of_squares = 0;
    for (const double x : matrix.values()) {
      sum += x;
      sum_of_squares += x * x;
    }
    const auto count = static_cast<double>(matrix.shape().size());
    // Five standard errors around the uniform distribution's mean 0 and second moment 1/3.
    EXPECT_NEAR(sum / count, 0, 5 * 0.578 / 200);
    EXPECT_NEAR(sum_of_squares / count, 1.0 / 3, 5 * 0.299 / 200);
  };
  check(random_matrix<double>({200, 200}, 7));
  check(random_matrix<float>({200, 200}, 7));
}

TEST(RandomMatrix, RefusesAShapeThatNoMatrixCanHave) {
  EXPECT_THROW(random_matrix<double>({0, 1}, 1), ShapeError);
}

}  // namespace
}  // namespace enxame
