#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "matmul/matrix.h"

namespace enxame {

/// An element of a product that rounding cannot explain.
struct Mismatch {
  std::size_t row;
  std::size_t col;
  double actual;
  double expected;
  double allowed;  ///< the largest |actual − expected| that rounding explains
};

/// "element (3, 4) is 7, expected 8 ± 1e-12".
std::string to_string(const Mismatch& mismatch);

/// Knows one multiplication and its reference product, and checks any number of answers to it in
/// O(m·n) each.
///
/// An element may differ from the reference by 2·γ_k·‖a_i‖₂·‖b_j‖₂ + k·λ, with γ_k = k·u / (1 −
/// k·u), u the unit roundoff and λ the smallest positive value of T: each of the two inner products
/// carries an error of at most γ_k·Σ|a||b| (Higham, Accuracy and Stability of Numerical Algorithms,
/// 2nd ed., §3.1), Σ|a||b| is bounded by Cauchy–Schwarz, and a term that underflows loses at most
/// λ/2 (§2.1).
template <typename T>
class ProductChecker {
 public:
  /// `a` is m × k, `b` is k × n. Computes the reference once, with the fastest kernel of this
  /// build. Throws ShapeError when they do not multiply, or when k·u ≥ 1 and T promises nothing.
  ProductChecker(const MatrixOf<T>& a, const MatrixOf<T>& b);

  /// Nothing when `product` is the product within rounding; otherwise the worst mismatch. NaN never
  /// matches; an infinity matches the same infinity. Throws ShapeError when the shape is not m × n.
  std::optional<Mismatch> check(const MatrixOf<T>& product) const;

  const MatrixOf<T>& reference() const { return reference_; }

 private:
  MatrixOf<T> reference_;
  std::vector<double> row_bounds_;  ///< 2·γ_k·‖a_i‖₂
  std::vector<double> col_norms_;   ///< ‖b_j‖₂
  double underflow_;                ///< k·λ
};

}  // namespace enxame
