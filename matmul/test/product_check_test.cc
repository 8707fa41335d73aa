#include "matmul/product_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "matmul/kernel.h"

namespace enxame {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

template <typename T>
class ProductCheckOf : public ::testing::Test {
 protected:
  const MatrixOf<T> a_ = random_matrix<T>({37, 53}, 1);
  const MatrixOf<T> b_ = random_matrix<T>({53, 41}, 2);
  const ProductChecker<T> checker_{a_, b_};
};
using Types = ::testing::Types<double, float>;
TYPED_TEST_SUITE(ProductCheckOf, Types);

TYPED_TEST(ProductCheckOf, AcceptsEveryKernelsRounding) {
  for (const Kernel kernel : available_kernels()) {
    if (kernel == Kernel::origin) continue;  // knows no fractions
    const auto product = multiply(this->a_, this->b_, kernel);
    EXPECT_FALSE(this->checker_.check(product)) << to_string(kernel);
  }
}

TYPED_TEST(ProductCheckOf, FindsAFlippedBitThatRoundingCannotExplain) {
  const auto right = this->checker_.reference();
  auto wrong = right;
  TypeParam& element = wrong(11, 22);
  // A power of two far below the element, and just above what rounding allows there.
  const double noise = sizeof(TypeParam) == sizeof(double) ? 1e-12 : 2e-4;
  const auto bit = static_cast<TypeParam>(std::exp2(std::ceil(std::log2(noise))));
  ASSERT_LT(bit, std::abs(element) / 64);
  element += bit;
  const auto mismatch = this->checker_.check(wrong);
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->row, 11U);
  EXPECT_EQ(mismatch->col, 22U);
  EXPECT_EQ(mismatch->actual, wrong(11, 22));
  EXPECT_EQ(mismatch->expected, right(11, 22));
  EXPECT_LT(mismatch->allowed, bit);
  EXPECT_GT(mismatch->allowed, bit / 128);
}

TYPED_TEST(ProductCheckOf, FindsSwappedElements) {
  for (const auto& [row, col] : {std::pair{4, 3}, std::pair{3, 5}, std::pair{5, 4}}) {
    auto wrong = this->checker_.reference();
    std::swap(wrong(3, 4), wrong(static_cast<std::size_t>(row), static_cast<std::size_t>(col)));
    EXPECT_TRUE(this->checker_.check(wrong)) << row << ", " << col;
  }
}

TYPED_TEST(ProductCheckOf, FindsAMissingTerm) {
  auto a = this->a_;
  a(5, 6) = 0;
  const auto wrong = multiply(a, this->b_, Kernel::naive);
  const auto mismatch = this->checker_.check(wrong);
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->row, 5U);
}

TYPED_TEST(ProductCheckOf, FindsWhatIsNotFinite) {
  for (const TypeParam value :
       {std::numeric_limits<TypeParam>::quiet_NaN(), std::numeric_limits<TypeParam>::infinity()}) {
    auto wrong = this->checker_.reference();
    wrong(36, 40) = value;
    const auto mismatch = this->checker_.check(wrong);
    ASSERT_TRUE(mismatch);
    EXPECT_EQ(mismatch->row, 36U);
    EXPECT_EQ(mismatch->col, 40U);
  }
}

TYPED_TEST(ProductCheckOf, NamesTheWorst) {
  auto wrong = this->checker_.reference();
  wrong(1, 1) += TypeParam(0.5);
  wrong(2, 2) += TypeParam(50);
  wrong(3, 3) += TypeParam(5);
  EXPECT_EQ(this->checker_.check(wrong)->row, 2U);
}

TYPED_TEST(ProductCheckOf, RefusesAnotherShape) {
  EXPECT_THAT([&] { this->checker_.check(MatrixOf<TypeParam>(41, 37)); },
              ThrowsMessage<ShapeError>("the product is 41 × 37, expected 37 × 41"));
  EXPECT_THROW(ProductChecker<TypeParam>(this->a_, this->a_), ShapeError);
}

TEST(ProductChecker, AllowsWhatItSays) {
  // Norms 3 and 7, whatever the order of the elements.
  for (const Matrix& a : {Matrix{{1, 2, 2}}, Matrix{{2, 2, 1}}}) {
    for (const Matrix& b : {Matrix{{2}, {3}, {6}}, Matrix{{6}, {2}, {3}}}) {
      const double unit_roundoff = std::numeric_limits<double>::epsilon() / 2;
      EXPECT_NEAR(ProductChecker<double>(a, b).check(Matrix{{0}})->allowed,
                  2 * (3 * unit_roundoff) * 21, unit_roundoff);
    }
  }
}

TEST(ProductChecker, HoldsWhereSquaresWouldOverflowOrUnderflow) {
  for (const double scale : {1e-170, 1e-155, 1e150}) {
    Matrix a = random_matrix<double>({5, 7}, 1);
    Matrix b = random_matrix<double>({7, 4}, 2);
    for (double& x : a.values()) x *= scale;
    for (double& x : b.values()) x *= scale;
    const ProductChecker<double> checker(a, b);
    EXPECT_FALSE(checker.check(multiply(a, b, Kernel::naive))) << scale;
    Matrix wrong = checker.reference();
    wrong(2, 3) = wrong(2, 3) * 2 + 1e-310;
    EXPECT_TRUE(checker.check(wrong)) << scale;
  }
}

TEST(ProductChecker, AcceptsTheSameInfinityOnly) {
  const Matrix a{{1e200, 1}};
  const Matrix b{{1e200}, {1}};
  const ProductChecker<double> checker(a, b);
  EXPECT_FALSE(checker.check(multiply(a, b, Kernel::naive)));
  EXPECT_TRUE(checker.check(Matrix{{1e308}}));
  EXPECT_TRUE(checker.check(Matrix{{-std::numeric_limits<double>::infinity()}}));
}

TEST(ProductChecker, RefusesWhatRoundingLeavesOpen) {
  const MatrixF32 a(1, std::size_t{1} << 24);
  const MatrixF32 b(std::size_t{1} << 24, 1);
  EXPECT_THAT([&] { ProductChecker<float>(a, b); },
              ThrowsMessage<ShapeError>(AllOf(HasSubstr("16777216 terms"), HasSubstr("16777216"))));
}

TEST(Mismatch, IsToldWithPlaceValueAndBound) {
  EXPECT_EQ(to_string(Mismatch{3, 4, 7, 8, 1e-12}), "element (3, 4) is 7, expected 8 ± 1e-12");
}

}  // namespace
}  // namespace enxame
