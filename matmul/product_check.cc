#include "matmul/product_check.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "matmul/kernel.h"
#include "matmul/splitmix64.h"

namespace enxame {

namespace {

/// γ_k of T. Throws ShapeError when k is so large that T promises nothing.
template <typename T>
double gamma(std::size_t k) {
  constexpr double kUnitRoundoff = std::numeric_limits<T>::epsilon() / 2;
  const double ku = static_cast<double>(k) * kUnitRoundoff;
  if (ku >= 1) {
    throw ShapeError("a product over " + std::to_string(k) +
                     " terms cannot be checked: expected fewer than " +
                     std::to_string(static_cast<std::uint64_t>(1 / kUnitRoundoff)));
  }
  return ku / (1 - ku);
}

/// k·λ of T.
template <typename T>
double underflow(std::size_t k) {
  return static_cast<double>(k) * static_cast<double>(std::numeric_limits<T>::denorm_min());
}

/// ‖x‖₂, kept as scale²·sum so that no square overflows or underflows.
class Norm {
 public:
  void add(double x) {
    const double size = std::abs(x);
    if (size > scale_) {
      const double ratio = scale_ / size;
      sum_ = 1 + sum_ * ratio * ratio;
      scale_ = size;
    } else if (size > 0) {
      const double ratio = size / scale_;
      sum_ += ratio * ratio;
    }
  }
  double value() const { return scale_ * std::sqrt(sum_); }

 private:
  double scale_ = 0;
  double sum_ = 0;
};

template <typename T>
std::vector<double> row_norms(const MatrixOf<T>& matrix) {
  std::vector<double> norms;
  norms.reserve(matrix.rows());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    Norm norm;
    for (std::size_t j = 0; j < matrix.cols(); ++j) norm.add(matrix(i, j));
    norms.push_back(norm.value());
  }
  return norms;
}

template <typename T>
std::vector<double> col_norms(const MatrixOf<T>& matrix) {
  std::vector<Norm> columns(matrix.cols());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t j = 0; j < matrix.cols(); ++j) columns[j].add(matrix(i, j));
  }
  std::vector<double> norms;
  norms.reserve(columns.size());
  for (const Norm& column : columns) norms.push_back(column.value());
  return norms;
}

void check_product_shape(Shape actual, Shape expected) {
  if (actual != expected) {
    throw ShapeError("the product is " + to_string(actual) + ", expected " + to_string(expected));
  }
}

/// One number for each of several rounds of Freivalds' test: they share the passes over the
/// matrices.
constexpr int kRoundsPerPass = 8;
using Rounds = std::array<double, kRoundsPerPass>;

std::vector<Rounds> random_signs(std::size_t count, SplitMix64& random) {
  std::vector<Rounds> signs(count);
  for (Rounds& element : signs) {
    std::uint64_t bits = random();
    for (double& sign : element) {
      sign = (bits & 1) != 0 ? 1.0 : -1.0;
      bits >>= 1;
    }
  }
  return signs;
}

template <typename T>
std::vector<Rounds> times(const MatrixOf<T>& matrix, const std::vector<Rounds>& x) {
  std::vector<Rounds> y(matrix.rows());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    Rounds sums{};
    for (std::size_t j = 0; j < matrix.cols(); ++j) {
      const double factor = matrix(i, j);
      for (std::size_t r = 0; r < sums.size(); ++r) sums[r] += factor * x[j][r];
    }
    y[i] = sums;
  }
  return y;
}

/// |matrix|·x.
template <typename T>
std::vector<double> abs_times(const MatrixOf<T>& matrix, const std::vector<double>& x) {
  std::vector<double> y(matrix.rows());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t j = 0; j < matrix.cols(); ++j) {
      y[i] += std::abs(static_cast<double>(matrix(i, j))) * x[j];
    }
  }
  return y;
}

/// How far A·(B·x) and C·x may lie apart, per row, when `c` is right: C carries T's rounding over k
/// terms, and the test itself that of double over n, and over n then k, terms; all of it relative
/// to |A|·|B|·1.
template <typename T>
std::vector<double> freivalds_tolerances(const MatrixOf<T>& a, const MatrixOf<T>& b) {
  const double relative = gamma<T>(a.cols()) + 3 * gamma<double>(a.cols() + b.cols());
  const double absolute = underflow<T>(a.cols()) * static_cast<double>(b.cols());
  std::vector<double> tolerances = abs_times(a, abs_times(b, std::vector<double>(b.cols(), 1.0)));
  for (double& tolerance : tolerances) tolerance = relative * tolerance + absolute;
  return tolerances;
}

bool agree(const std::vector<Rounds>& x, const std::vector<Rounds>& y,
           const std::vector<double>& tolerances) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t r = 0; r < x[i].size(); ++r) {
      const double difference = std::abs(x[i][r] - y[i][r]);
      // Negated, so that NaN disagrees; an overflow leaves nothing to compare.
      if (!(difference <= tolerances[i]) || std::isinf(difference)) return false;
    }
  }
  return true;
}

std::string shortest(double value) {
  std::array<char, 32> buffer;
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

}  // namespace

std::string to_string(const Mismatch& mismatch) {
  return "element (" + std::to_string(mismatch.row) + ", " + std::to_string(mismatch.col) +
         ") is " + shortest(mismatch.actual) + ", expected " + shortest(mismatch.expected) + " ± " +
         shortest(mismatch.allowed);
}

template <typename T>
ProductChecker<T>::ProductChecker(const MatrixOf<T>& a, const MatrixOf<T>& b)
    : reference_(multiply(a, b, available_kernels().back())),
      row_bounds_(row_norms(a)),
      col_norms_(col_norms(b)),
      underflow_(underflow<T>(a.cols())) {
  const double relative = 2 * gamma<T>(a.cols());
  for (double& bound : row_bounds_) bound *= relative;
}

template <typename T>
std::optional<Mismatch> ProductChecker<T>::check(const MatrixOf<T>& product) const {
  check_product_shape(product.shape(), reference_.shape());
  std::optional<Mismatch> worst;
  double worst_excess = 0;
  for (std::size_t i = 0; i < product.rows(); ++i) {
    for (std::size_t j = 0; j < product.cols(); ++j) {
      const double actual = product(i, j);
      const double expected = reference_(i, j);
      const double allowed = row_bounds_[i] * col_norms_[j] + underflow_;
      const double difference = std::abs(actual - expected);
      const bool is_within = difference <= allowed && std::isfinite(difference);
      if (is_within || actual == expected) continue;
      const double excess =
          std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference / allowed;
      if (!worst || excess > worst_excess) {
        worst = Mismatch{i, j, actual, expected, allowed};
        worst_excess = excess;
      }
    }
  }
  return worst;
}

template <typename T>
bool passes_freivalds(const MatrixOf<T>& a, const MatrixOf<T>& b, const MatrixOf<T>& c,
                      std::uint64_t seed, int rounds) {
  check_product_shape(c.shape(), product_shape(a.shape(), b.shape()));
  if (rounds < 1) {
    throw std::invalid_argument("Freivalds' test: rounds is " + std::to_string(rounds) +
                                ", expected at least 1");
  }
  const std::vector<double> tolerances = freivalds_tolerances(a, b);
  SplitMix64 random(seed);
  for (int done = 0; done < rounds; done += kRoundsPerPass) {
    const std::vector<Rounds> x = random_signs(b.cols(), random);
    if (!agree(times(a, times(b, x)), times(c, x), tolerances)) return false;
  }
  return true;
}

template class ProductChecker<double>;
template class ProductChecker<float>;
template bool passes_freivalds(const Matrix&, const Matrix&, const Matrix&, std::uint64_t, int);
template bool passes_freivalds(const MatrixF32&, const MatrixF32&, const MatrixF32&, std::uint64_t,
                               int);

}  // namespace enxame
