#pragma once

#include <cstddef>
#include <limits>

namespace enxame {

/// u: the most that rounding to T changes a value by, relative to it.
template <typename T>
inline constexpr double kUnitRoundoff = static_cast<double>(std::numeric_limits<T>::epsilon() / 2);

/// γ_n = n·u / (1 − n·u): the most that n roundings to T in a row change a value by, relative to it
/// (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., Lemma 3.1). n·u must be below
/// 1.
template <typename T>
constexpr double rounding_bound(std::size_t n) {
  const double nu = static_cast<double>(n) * kUnitRoundoff<T>;
  return nu / (1 - nu);
}

}  // namespace enxame
