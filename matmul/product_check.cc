#include "matmul/product_check.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "matmul/kernel.h"
#include "matmul/rounding.h"

namespace enxame {

namespace {

/// γ_k of T. Throws ShapeError when k is so large that T promises nothing.
template <typename T>
double gamma(std::size_t k) {
  if (static_cast<double>(k) * kUnitRoundoff<T> >= 1) {
    throw ShapeError("a product over " + std::to_string(k) +
                     " terms cannot be checked: expected fewer than " +
                     std::to_string(static_cast<std::uint64_t>(1 / kUnitRoundoff<T>)));
  }
  return rounding_bound<T>(k);
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
  expect_product_shape(product.shape(), reference_.shape());
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

template class ProductChecker<double>;
template class ProductChecker<float>;

}  // namespace enxame
