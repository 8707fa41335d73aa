#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "matmul/matrix_view.h"

namespace enxame {

/// A row of a product that rounding cannot explain.
struct WrongRow {
  std::size_t row;    ///< from 0 on
  double difference;  ///< |C·x − A·(B·x)| there; infinite or NaN where an element of C is
  double allowed;     ///< the most that rounding explains
};

/// "row 3 is off by 0.5 under random weights, 1.2e-12 allowed"; rows count from 1.
std::string to_string(const WrongRow& wrong);

/// Freivalds' test (Freivalds, Probabilistic machines can use less running time, IFIP 1977):
/// compares C·x with A·(B·x), row by row, for a vector x of random elements of either sign and of
/// magnitudes in [1/2, 1), in O(m·k + k·n + m·n); each element of the matrices is read once.
/// Returns nothing when `c` is A·B within rounding, else the row that is furthest off.
///
/// x follows from `seed`, which whoever computed `c` must not know or guess: ProductVerifier draws
/// one for each product.
///
/// What is found: let d_j be the error of element j of a row, t what is allowed there.
///
/// - A row with a single wrong element is found always when |d_j| > 4·t, because |x_j| ≥ 1/2.
/// - Any other wrong row passes with a probability of at most 4·t / max|d_j| + 2^-52: whatever the
///   other elements of x are, the row passes only where x_j, which has 2^53 equally likely values
///   at a distance of 2^-53, lies in an interval of length 4·t / |d_j|. (The lemma of Schwartz,
///   Fast probabilistic algorithms for verification of polynomial identities, J. ACM 27(4), 1980,
///   with intervals in place of points.)
///
/// A right product is never refused: one whose elements are the sums of their k products in f64, in
/// any order, with or without fused operations, and at any scale. t is what rounding can explain at
/// most, no more than about (9/8·k + n/4 + 48)·2^-53·(|A|·|B|·|x|)_i, and what underflow can,
/// k·n·2^-1074 and n·2^-1074 times the sum of the row of |A|: errors below that are not found. Sums
/// of the test that overflow are added up again in long double. Algorithms that add other terms,
/// such as Strassen's, have larger errors and may be refused.
///
/// `a` (m × k) and `b` (k × n) should be finite. A row of `c` with an element that is NaN or
/// infinite is wrong, but where the terms of some element are so large that their sum may overflow
/// (or where the operands are not finite): of that row nothing is said.
///
/// Throws ShapeError when the shapes do not go together.
std::optional<WrongRow> find_wrong_row(MatrixView a, MatrixView b, MatrixView c,
                                       std::uint64_t seed);

}  // namespace enxame
