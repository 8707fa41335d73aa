#include "matmul/verify/freivalds.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "matmul/kernels/simd.h"
#include "matmul/rounding.h"
#include "matmul/splitmix64.h"

namespace enxame {
namespace {

// Sums of products of doubles neither overflow in long double nor underflow.
static_assert(std::numeric_limits<long double>::max_exponent >
              4 * std::numeric_limits<double>::max_exponent);

/// x: the sign and the fraction of each element are random, its exponent is that of [1/2, 1).
template <typename Sum>
std::vector<Sum> random_weights(std::size_t count, std::uint64_t seed) {
  constexpr std::uint64_t kExponentOfOneHalf = std::uint64_t{0x3fe} << 52;
  SplitMix64 random(seed);
  std::vector<Sum> weights(count);
  for (Sum& weight : weights) {
    const std::uint64_t bits = random();
    weight = std::bit_cast<double>((bits << 63) | kExponentOfOneHalf | (bits >> 12));
  }
  return weights;
}

template <typename Sum>
std::vector<Sum> magnitudes_of(std::vector<Sum> values) {
  for (Sum& value : values) value = std::abs(value);
  return values;
}

/// sums = M·x and magnitudes = |M|·w; only the sums where `w` and `magnitudes` are null.
void sum_weighted(MatrixView matrix, const double* x, const double* w, double* sums,
                  double* magnitudes) {
  internal::supported_simd_variants().back()->row_sums(matrix.rows(), matrix.cols(), matrix.data(),
                                                       x, w, sums, magnitudes);
}

void sum_weighted(MatrixView matrix, const long double* x, const long double* w, long double* sums,
                  long double* magnitudes) {
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    long double sum = 0;
    long double magnitude = 0;
    for (std::size_t j = 0; j < matrix.cols(); ++j) {
      const long double value = matrix(i, j);
      sum += value * x[j];
      if (w != nullptr) magnitude += std::abs(value) * w[j];
    }
    sums[i] = sum;
    if (w != nullptr) magnitudes[i] = magnitude;
  }
}

/// How often a term is rounded on its way into a sum of sum_weighted(), at most.
template <typename Sum>
std::size_t roundings(std::size_t terms) {
  return std::is_same_v<Sum, double> ? internal::row_sum_roundings(terms) : terms;
}

/// What rounding explains in a row of a right product: relative·t + absolute, t being the row's
/// element of |A|·(|B|·|x| + floor).
///
/// Let γ be rounding_bound(), p and q how often the terms of the test's own sums over k and n terms
/// are rounded, and all else exact. Then C·x is off by at most γ_k·t, because each element of C is
/// the sum of k products (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §3.1),
/// and by γ_q·(1 + γ_k)·t when it is added up, A·(B·x) by γ_{p+q}·t. Products of two γ, the
/// rounding of t and that of this bound are below 2^-24 of it.
///
/// A product that underflows is off by at most λ/2, λ being the smallest positive number (§2.1).
/// That is k·λ/2 in each of the n elements of a row of C, n·λ/2 and k·λ/2 in the last two sums
/// (`absolute`), and n·λ/2 in each element of B·x, before A multiplies it (`floor`).
template <typename Sum>
struct Explained {
  Sum relative;
  Sum floor;
  Sum absolute;

  Explained(std::size_t k, std::size_t n) {
    constexpr Sum kSlack = 1 + 1.0 / (1 << 20);
    constexpr Sum kSmallest = std::numeric_limits<Sum>::denorm_min();
    constexpr Sum kSmallestElement = std::numeric_limits<double>::denorm_min();
    const std::size_t own = roundings<Sum>(k) + 2 * roundings<Sum>(n);
    relative = kSlack * (rounding_bound<double>(k) + rounding_bound<Sum>(own));
    floor = static_cast<Sum>(n) * kSmallest / relative;
    absolute = static_cast<Sum>(k + 1) * static_cast<Sum>(n + 1) * kSmallestElement;
  }
};

/// Whether elements of a row may overflow whose |a|·|b|·|x| add up to `terms`, |x| being at least
/// 1/2.
template <typename Sum>
bool may_overflow(Sum terms) {
  return !(4 * terms < static_cast<Sum>(std::numeric_limits<double>::max()));
}

/// Both sides of the test.
template <typename Sum>
class WeighedProduct {
 public:
  WeighedProduct(MatrixView a, MatrixView b, MatrixView c, std::uint64_t seed)
      : explained_(a.cols(), b.cols()), left_(c.rows()), right_(c.rows()), terms_(c.rows()) {
    const std::vector<Sum> x = random_weights<Sum>(b.cols(), seed);
    const std::vector<Sum> x_magnitudes = magnitudes_of(x);
    std::vector<Sum> y(b.rows());
    std::vector<Sum> y_terms(b.rows());
    sum_weighted(b, x.data(), x_magnitudes.data(), y.data(), y_terms.data());
    for (Sum& terms : y_terms) terms += explained_.floor;
    sum_weighted(a, y.data(), y_terms.data(), right_.data(), terms_.data());
    sum_weighted(c, x.data(), nullptr, left_.data(), nullptr);
  }

  /// Whether nothing overflowed, and nothing was not finite from the start.
  bool is_finite() const {
    for (std::size_t i = 0; i < left_.size(); ++i) {
      if (!std::isfinite(left_[i] - right_[i]) || !std::isfinite(terms_[i])) return false;
    }
    return true;
  }

  std::optional<WrongRow> furthest_off() const {
    std::optional<WrongRow> worst;
    Sum worst_excess = 0;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      const Sum difference = std::abs(left_[i] - right_[i]);
      const Sum allowed = explained_.relative * terms_[i] + explained_.absolute;
      const bool is_explained = difference <= allowed && std::isfinite(allowed);
      if (is_explained || (!std::isfinite(left_[i]) && may_overflow(terms_[i]))) continue;
      const Sum excess =
          std::isnan(difference) ? std::numeric_limits<Sum>::infinity() : difference / allowed;
      if (worst && !(excess > worst_excess)) continue;
      worst = WrongRow{i, static_cast<double>(difference), static_cast<double>(allowed)};
      worst_excess = excess;
    }
    return worst;
  }

 private:
  Explained<Sum> explained_;
  std::vector<Sum> left_;   ///< C·x
  std::vector<Sum> right_;  ///< A·(B·x)
  std::vector<Sum> terms_;  ///< |A|·(|B|·|x| + floor)
};

std::string three_digits(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::general, 3);
  return {buffer.data(), end.ptr};
}

}  // namespace

std::string to_string(const WrongRow& wrong) {
  return "row " + std::to_string(wrong.row + 1) + " is off by " + three_digits(wrong.difference) +
         " under random weights, " + three_digits(wrong.allowed) + " allowed";
}

std::optional<WrongRow> find_wrong_row(MatrixView a, MatrixView b, MatrixView c,
                                       std::uint64_t seed) {
  expect_product_shape(c.shape(), product_shape(a.shape(), b.shape()));
  const WeighedProduct<double> weighed(a, b, c, seed);
  if (weighed.is_finite()) return weighed.furthest_off();
  return WeighedProduct<long double>(a, b, c, seed).furthest_off();
}

}  // namespace enxame
