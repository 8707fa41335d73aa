#include "matmul/kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "matmul/kernels/simd.h"
#include "matmul/matrix.h"

namespace enxame {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// A product m × k by k × n.
struct Dimensions {
  std::size_t m;
  std::size_t n;
  std::size_t k;
};

std::string describe(const Dimensions& d) {
  return std::to_string(d.m) + " × " + std::to_string(d.k) + " by " + std::to_string(d.k) + " × " +
         std::to_string(d.n);
}

// Every small shape up to here: all tiles, all widths of a right edge, all vector widths.
constexpr std::size_t kExhaustive = 19;

// Chosen to be vectors, tiles and blocks that are just full, just not full and just overfull, in
// one dimension at a time.
const std::vector<Dimensions> kShapes{
    {1, 1, 1},      {1, 1, 1009},   {1009, 1, 1},    {1, 1009, 1},    {1, 257, 509},
    {509, 1, 257},  {257, 509, 1},  {2, 3, 1500},    {23, 29, 31},    {48, 47, 49},
    {64, 64, 64},   {97, 101, 103}, {127, 128, 129}, {31, 600, 601},  {32, 600, 601},
    {33, 7, 4099},  {33, 8, 4099},  {33, 9, 4099},   {34, 17, 4099},  {35, 67, 1031},
    {1021, 33, 97}, {67, 4133, 37}, {41, 2063, 389}, {257, 263, 269}, {140'000, 1, 1},
};

// |computed − exact| ≤ γ_k·Σ|a||b| for any order of summation, with or without fused operations
// (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §3.1). The reference's own
// rounding, in a wider type, is covered by the extra step.
template <typename T>
double error_factor(std::size_t k) {
  const double ku = static_cast<double>(k + 1) * std::numeric_limits<T>::epsilon() / 2;
  return ku / (1 - ku);
}

// Checks elements against inner products in long double: all of a small product; of a large one
// every row and every column at least once, and all of the last rows and columns, where edge tiles
// are.
template <typename T>
void expect_product(const MatrixOf<T>& a, const MatrixOf<T>& b, const MatrixOf<T>& c) {
  ASSERT_EQ(c.shape(), (Shape{a.rows(), b.cols()}));
  const std::size_t m = c.rows();
  const std::size_t n = c.cols();
  const std::size_t stride = std::max<std::size_t>(1, m * n * a.cols() / 200'000);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const bool edge = (i + 1 == m || j + 1 == n) && (i + j) % 8 == 0;
      if (!edge && (i * 7 + j) % stride != 0) continue;
      long double exact = 0;
      long double magnitude = 0;
      for (std::size_t p = 0; p < a.cols(); ++p) {
        const long double term = static_cast<long double>(a(i, p)) * b(p, j);
        exact += term;
        magnitude += std::abs(term);
      }
      const double allowed = error_factor<T>(a.cols()) * static_cast<double>(magnitude);
      ASSERT_NEAR(c(i, j), static_cast<double>(exact), allowed) << "at (" << i << ", " << j << ")";
    }
  }
}

// Operands that the kernel takes: `origin` knows whole numbers only.
template <typename T>
MatrixOf<T> random_operand(Kernel kernel, Shape shape, std::uint64_t seed) {
  auto matrix = random_matrix<T>(shape, seed);
  if (kernel == Kernel::origin) {
    for (T& x : matrix.values()) x = std::floor(x * 100);
  }
  return matrix;
}

template <typename T>
using Multiply = std::function<MatrixOf<T>(const MatrixOf<T>&, const MatrixOf<T>&)>;

template <typename T>
void expect_right_in_every_shape(Kernel kernel, const Multiply<T>& multiply_with) {
  std::vector<Dimensions> shapes = kShapes;
  for (std::size_t m = 1; m <= kExhaustive; ++m) {
    for (std::size_t n = 1; n <= kExhaustive; ++n) shapes.push_back({m, n, 1 + (m + n) % 5});
  }
  for (std::size_t n = 1; n <= 100; ++n) shapes.push_back({5, n, 3});
  for (const Dimensions& d : shapes) {
    SCOPED_TRACE(describe(d));
    const auto a = random_operand<T>(kernel, {d.m, d.k}, 1);
    const auto b = random_operand<T>(kernel, {d.k, d.n}, 2);
    expect_product<T>(a, b, multiply_with(a, b));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

template <typename T>
class KernelTest : public ::testing::Test {};
using Dtypes = ::testing::Types<double, float>;
TYPED_TEST_SUITE(KernelTest, Dtypes);

TYPED_TEST(KernelTest, IsRightInEveryShape) {
  for (const Kernel kernel : available_kernels()) {
    SCOPED_TRACE(to_string(kernel));
    expect_right_in_every_shape<TypeParam>(
        kernel, [kernel](const auto& a, const auto& b) { return multiply(a, b, kernel); });
  }
}

// The result starts out as NaN: an element that is left out, or added to before it is set, shows.
TYPED_TEST(KernelTest, EverySimdVariantIsRightInEveryShape) {
  for (const internal::SimdVariant* variant : internal::supported_simd_variants()) {
    SCOPED_TRACE(variant->name);
    expect_right_in_every_shape<TypeParam>(Kernel::simd, [variant](const auto& a, const auto& b) {
      MatrixOf<TypeParam> c(a.rows(), b.cols());
      std::ranges::fill(c.values(), std::numeric_limits<TypeParam>::quiet_NaN());
      internal::run_simd(*variant, a.rows(), b.cols(), a.cols(), a.data(), b.data(), c.data());
      return c;
    });
  }
}

TYPED_TEST(KernelTest, MultipliesByTheIdentityExactly) {
  MatrixOf<TypeParam> identity(61, 61);
  for (std::size_t i = 0; i < 61; ++i) identity(i, i) = 1;
  for (const Kernel kernel : available_kernels()) {
    const auto a = random_operand<TypeParam>(kernel, {61, 61}, 3);
    EXPECT_EQ(multiply(a, identity, kernel), a) << to_string(kernel);
    EXPECT_EQ(multiply(identity, a, kernel), a) << to_string(kernel);
  }
}

TYPED_TEST(KernelTest, PassesOnNotANumberAndInfinity) {
  const TypeParam inf = std::numeric_limits<TypeParam>::infinity();
  const MatrixOf<TypeParam> a{{inf, 1}, {0, 1}};
  const MatrixOf<TypeParam> b{{1}, {2}};
  for (const Kernel kernel : available_kernels()) {
    if (kernel == Kernel::origin) continue;  // refuses them
    SCOPED_TRACE(to_string(kernel));
    EXPECT_EQ(multiply(a, b, kernel), (MatrixOf<TypeParam>{{inf}, {2}}));
    EXPECT_TRUE(std::isnan(multiply(a, MatrixOf<TypeParam>{{0}, {2}}, kernel)(0, 0)));
  }
}

TYPED_TEST(KernelTest, RefusesShapesThatDoNotMultiplyAndNamesBoth) {
  const MatrixOf<TypeParam> a(2, 3);
  const MatrixOf<TypeParam> b(4, 5);
  for (const Kernel kernel : available_kernels()) {
    try {
      multiply(a, b, kernel);
      ADD_FAILURE() << to_string(kernel) << " multiplied 2 × 3 by 4 × 5";
    } catch (const ShapeError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("2 × 3"), HasSubstr("4 × 5")));
    }
  }
}

#ifndef __EMSCRIPTEN__  // whose builds have one thread

// Each thread alternates between a product that is packed and one that is not, so that a shared
// workspace would show.
TYPED_TEST(KernelTest, GivesManyThreadsTheSameResults) {
  for (const Kernel kernel : available_kernels()) {
    const auto a = random_operand<TypeParam>(kernel, {301, 401}, 4);
    const auto b = random_operand<TypeParam>(kernel, {401, 331}, 5);
    const auto small = random_operand<TypeParam>(kernel, {13, 13}, 6);
    const auto expected = multiply(a, b, kernel);
    const auto expected_small = multiply(small, small, kernel);
    std::vector<int> wrong(4);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int round = 0; round < 3; ++round) {
          if (multiply(a, b, kernel) != expected) ++count;
          if (multiply(small, small, kernel) != expected_small) ++count;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0)) << to_string(kernel);
  }
}

#endif

template <typename T>
class OriginKernelTest : public ::testing::Test {};
TYPED_TEST_SUITE(OriginKernelTest, Dtypes);

template <typename T>
std::string refusal_of(const MatrixOf<T>& a, const MatrixOf<T>& b) {
  try {
    multiply(a, b, Kernel::origin);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TYPED_TEST(OriginKernelTest, MultipliesWholeNumbersExactly) {
  const MatrixOf<TypeParam> a{{1, 2}, {3, 4}};
  const MatrixOf<TypeParam> b{{5, 6}, {7, 8}};
  EXPECT_EQ(multiply(a, b, Kernel::origin), (MatrixOf<TypeParam>{{19, 22}, {43, 50}}));
}

TYPED_TEST(OriginKernelTest, TakesNumbersUpToItsLimitAndNoFurther) {
  const auto below = static_cast<TypeParam>(2147483520);  // the last float below 2^31
  const MatrixOf<TypeParam> one{{1}};
  EXPECT_EQ(multiply(MatrixOf<TypeParam>{{-below}}, one, Kernel::origin)(0, 0), -below);
  EXPECT_THAT(refusal_of(MatrixOf<TypeParam>{{2147483648.0F}}, one),
              HasSubstr("row 0, column 0 of A is 2147483648"));
}

TYPED_TEST(OriginKernelTest, NamesTheFirstElementThatIsNoWholeNumber) {
  const MatrixOf<TypeParam> whole{{1, 2}, {3, 4}};
  const std::vector<std::pair<TypeParam, std::string>> cases{
      {TypeParam{0.5}, "0.5"},
      {std::numeric_limits<TypeParam>::quiet_NaN(), "nan"},
      {-std::numeric_limits<TypeParam>::infinity(), "-inf"}};
  for (const auto& [bad, said] : cases) {
    EXPECT_THAT(refusal_of(MatrixOf<TypeParam>{{1, 2}, {bad, bad}}, whole),
                AllOf(HasSubstr("row 1, column 0 of A is " + said),
                      HasSubstr("a whole number of a magnitude below 2^31")));
    EXPECT_THAT(refusal_of(whole, MatrixOf<TypeParam>{{1, bad}, {3, 4}}),
                HasSubstr("row 0, column 1 of B"));
  }
}

TYPED_TEST(OriginKernelTest, RefusesSumsThatNeedNotFit) {
  const auto large = static_cast<TypeParam>(2147483520);
  const MatrixOf<TypeParam> row{{large, large, large}};
  const MatrixOf<TypeParam> column{{large}, {large}, {large}};
  EXPECT_THAT(refusal_of(row, column), HasSubstr("3 products of up to 2147483520 · 2147483520"));
}

TEST(KernelNameTest, RoundTrips) {
  for (const Kernel kernel : available_kernels()) {
    EXPECT_EQ(parse_kernel(to_string(kernel)), kernel);
  }
}

TEST(KernelNameTest, AnUnknownNameIsAnErrorThatNamesTheKernels) {
  for (const std::string name : {"", "SIMD", "simd ", "gpu"}) {
    try {
      parse_kernel(name);
      ADD_FAILURE() << "'" << name << "' was taken for a kernel";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("'" + name + "'"), HasSubstr("naive"),
                                      HasSubstr("blocked"), HasSubstr("simd")));
    }
  }
}

TEST(KernelNameTest, AKernelThatThisProgramLacksIsAnErrorThatSaysWhatItNeeds) {
  struct Needs {
    Kernel kernel;
    const char* what;
  };
  for (const auto [kernel, what] :
       {Needs{Kernel::blas, "OpenBLAS"}, Needs{Kernel::simd_128, "x86-64 processor with AVX"},
        Needs{Kernel::relaxed, "Wasm with relaxed SIMD"},
        Needs{Kernel::relaxed_wide, "Wasm with relaxed SIMD"}}) {
    if (std::ranges::count(available_kernels(), kernel) != 0) continue;
    const auto refused = [&](auto&& call) {
      EXPECT_THAT(call, ThrowsMessage<std::invalid_argument>(
                            AllOf(HasSubstr(std::string(to_string(kernel))), HasSubstr(what),
                                  HasSubstr("simd"))));
    };
    refused([&] { parse_kernel(to_string(kernel)); });
    refused([&] { multiply(Matrix(1, 1), Matrix(1, 1), kernel); });
  }
}

TEST(BestKernelTest, IsTheFastestOfTheProjectsOwn) {
#ifdef __EMSCRIPTEN__  // whose test is linked with the relaxed kernels
  EXPECT_EQ(best_kernel(), Kernel::relaxed);
#else
  EXPECT_EQ(best_kernel(), Kernel::simd);
#endif
}

TEST(SimdInstructionSetTest, IsTheLastOfTheSupportedVariants) {
  EXPECT_EQ(simd_instruction_set(), internal::supported_simd_variants().back()->name);
}

}  // namespace
}  // namespace enxame
