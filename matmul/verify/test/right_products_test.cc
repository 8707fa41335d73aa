// Right products at every scale and in every order of summation: none may be refused.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <span>
#include <string>

#include "matmul/kernel.h"
#include "matmul/splitmix64.h"
#include "matmul/verify/freivalds.h"

namespace enxame {
namespace {

/// How many are tried: as many as ENXAME_RANDOM_PRODUCTS says when the bound has changed.
std::size_t random_products() {
  constexpr std::size_t kDefault = 100'000;
  const char* const wanted = std::getenv("ENXAME_RANDOM_PRODUCTS");
  return wanted == nullptr ? kDefault : static_cast<std::size_t>(std::atoll(wanted));
}

std::size_t random_below(SplitMix64& random, std::size_t count) {
  return static_cast<std::size_t>(random() % count);
}

// Elements of operands.

double uniform_element(SplitMix64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-52 - 1;
}

double whole_element(SplitMix64& random) { return static_cast<double>(random() % 201) - 100; }

double element_of_exponents(SplitMix64& random, int lowest, unsigned count) {
  return std::ldexp(uniform_element(random), lowest + static_cast<int>(random() % count));
}

double usual_element(SplitMix64& random) { return element_of_exponents(random, -40, 81); }
double huge_element(SplitMix64& random) { return element_of_exponents(random, 1000, 24); }
double tiny_element(SplitMix64& random) { return element_of_exponents(random, -1074, 75); }

double any_element(SplitMix64& random) {
  const double value = std::bit_cast<double>(random());
  return std::isfinite(value) ? value : 0;
}

double sparse_element(SplitMix64& random) { return random() % 4 == 0 ? any_element(random) : 0; }

constexpr std::array kElements{uniform_element, whole_element, usual_element, huge_element,
                               tiny_element,    any_element,   sparse_element};

/// Every row at a scale of its own.
void scale_rows(Matrix& matrix, SplitMix64& random) {
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    const int exponent = static_cast<int>(random() % 1801) - 900;
    for (std::size_t j = 0; j < matrix.cols(); ++j) {
      const double scaled = std::ldexp(matrix(i, j), exponent);
      if (std::isfinite(scaled)) matrix(i, j) = scaled;
    }
  }
}

Matrix random_operand_at_any_scale(Shape shape, SplitMix64& random) {
  const auto element = kElements[random_below(random, kElements.size())];
  Matrix matrix(shape);
  for (double& x : matrix.values()) x = element(random);
  if (random() % 3 == 0) scale_rows(matrix, random);
  return matrix;
}

/// Lets every second term of each sum cancel the one before it, or all but its last bit.
void let_terms_cancel(Matrix& a, Matrix& b, SplitMix64& random) {
  for (std::size_t p = 1; p < a.cols(); p += 2) {
    for (std::size_t i = 0; i < a.rows(); ++i) {
      const double before = a(i, p - 1);
      a(i, p) = -(random() % 2 == 0 ? before : std::nextafter(before, 0.0));
    }
    for (std::size_t j = 0; j < b.cols(); ++j) b(p, j) = b(p - 1, j);
  }
}

// Orders of summation that no kernel has.

double fused_backwards(const Matrix& a, const Matrix& b, std::size_t i, std::size_t j) {
  double sum = 0;
  for (std::size_t p = a.cols(); p-- > 0;) sum = std::fma(a(i, p), b(p, j), sum);
  return sum;
}

double pairwise(const Matrix& a, const Matrix& b, std::size_t i, std::size_t j, std::size_t begin,
                std::size_t end) {
  if (end - begin == 1) return a(i, begin) * b(begin, j);
  const std::size_t middle = begin + (end - begin) / 2;
  return pairwise(a, b, i, j, begin, middle) + pairwise(a, b, i, j, middle, end);
}

template <typename Element>
Matrix product_by(const Matrix& a, const Matrix& b, Element element) {
  Matrix c(a.rows(), b.cols());
  for (std::size_t i = 0; i < c.rows(); ++i) {
    for (std::size_t j = 0; j < c.cols(); ++j) c(i, j) = element(i, j);
  }
  return c;
}

/// A·B in one of the orders, and its name.
struct NamedProduct {
  std::string order;
  Matrix c;
};

NamedProduct product_in_some_order(const Matrix& a, const Matrix& b, SplitMix64& random) {
  const std::span kernels = available_kernels().subspan(1);  // all but `origin`
  const std::size_t order = random_below(random, kernels.size() + 2);
  if (order < kernels.size()) {
    return {std::string(to_string(kernels[order])), multiply(a, b, kernels[order])};
  }
  if (order == kernels.size()) {
    return {"fused, backwards", product_by(a, b, [&](std::size_t i, std::size_t j) {
              return fused_backwards(a, b, i, j);
            })};
  }
  return {"pairwise", product_by(a, b, [&](std::size_t i, std::size_t j) {
            return pairwise(a, b, i, j, 0, a.cols());
          })};
}

/// Small most of the time, else so large that chains of vectors are full.
std::size_t random_size(SplitMix64& random) {
  return 1 + random_below(random, random() % 16 == 0 ? 70 : 8);
}

bool is_finite(const Matrix& matrix) {
  for (const double x : matrix.values()) {
    if (!std::isfinite(x)) return false;
  }
  return true;
}

TEST(RightProductTest, IsNeverRefusedAtAnyScaleNorInAnyOrder) {
  const std::size_t count = random_products();
  std::size_t finite = 0;
  for (std::size_t i = 0; i < count; ++i) {
    SplitMix64 random(i);
    const Shape left{random_size(random), random_size(random)};
    Matrix a = random_operand_at_any_scale(left, random);
    Matrix b = random_operand_at_any_scale({left.cols, random_size(random)}, random);
    if (random() % 4 == 0) let_terms_cancel(a, b, random);
    const NamedProduct product = product_in_some_order(a, b, random);
    if (is_finite(product.c)) ++finite;
    const auto wrong = find_wrong_row(a, b, product.c, random());
    if (wrong) {
      GTEST_FAIL() << "product " << i << ", " << product.order << ", " << to_string(a.shape())
                   << " by " << to_string(b.shape()) << ": " << to_string(*wrong);
    }
  }
  // Products that all overflowed would show little.
  EXPECT_GT(finite, count / 3);
}

TEST(RightProductTest, IsNeverRefusedInLongOrThinShapes) {
  struct Dimensions {
    std::size_t m, k, n;
  };
  for (const auto& [m, k, n] : {Dimensions{1, 1, 1},
                                {1, 5000, 1},
                                {3, 5000, 2},
                                {5000, 1, 1},
                                {1, 1, 5000},
                                {7, 1, 9},
                                {9, 7, 1},
                                {1, 300, 300},
                                {130, 131, 129}}) {
    const Matrix a = random_matrix<double>({m, k}, 1);
    const Matrix b = random_matrix<double>({k, n}, 2);
    for (const Kernel kernel : available_kernels()) {
      if (kernel == Kernel::origin) continue;  // knows no fractions
      EXPECT_FALSE(find_wrong_row(a, b, multiply(a, b, kernel), 3))
          << to_string(kernel) << ": " << m << ", " << k << ", " << n;
    }
  }
}

TEST(RightProductTest, OfWholeNumbersIsNeverRefused) {
  struct Numbers {
    double below;
    std::size_t terms;
  };
  for (const auto& [below, terms] : {Numbers{10, 300}, {1e4, 30}, {2e9, 2}}) {
    Matrix a = random_matrix<double>({20, terms}, 1);
    Matrix b = random_matrix<double>({terms, 20}, 2);
    for (Matrix* const matrix : {&a, &b}) {
      for (double& x : matrix->values()) x = std::floor(x * below);
    }
    for (const Kernel kernel : available_kernels()) {
      EXPECT_FALSE(find_wrong_row(a, b, multiply(a, b, kernel), 3)) << to_string(kernel);
    }
  }
}

// B·x overflows in double, or what is allowed does.
TEST(RightProductTest, IsNotRefusedWhereTheSumsOfTheTestOverflow) {
  for (const auto& [left, right] : {std::array{1e-300, 1.7e308}, {1e300, 1e7}}) {
    Matrix a = random_matrix<double>({9, 8}, 1);
    Matrix b = random_matrix<double>({8, 50}, 2);
    for (double& x : a.values()) x *= left;
    for (double& x : b.values()) x *= right;
    const Matrix c = multiply(a, b, Kernel::naive);
    ASSERT_TRUE(is_finite(c));
    EXPECT_FALSE(find_wrong_row(a, b, c, 3)) << left << " by " << right;
  }
}

TEST(RightProductTest, ThatOverflowsIsNotRefused) {
  const Matrix a{{1e200, 1e200}, {1, 1}};
  const Matrix b{{1e200, 1}, {-1e200, 1}};
  const Matrix c = multiply(a, b, Kernel::naive);  // inf − inf
  ASSERT_FALSE(is_finite(c));
  EXPECT_FALSE(find_wrong_row(a, b, c, 3));
}

}  // namespace
}  // namespace enxame
