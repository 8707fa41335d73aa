#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "matmul/kernels/gemm.h"
#include "matmul/number_text.h"

namespace enxame::internal {
namespace {

using List = std::vector<std::int64_t>;

constexpr double kLimit = 2147483648.0;  // 2^31

/// The numbers of an operand, row by row, and the largest magnitude among them.
struct WholeNumbers {
  List values;
  std::int64_t largest = 0;
};

template <typename T>
[[noreturn]] void refuse(const char* name, std::size_t row, std::size_t col, T value) {
  std::array<char, kMaxNumberLength> digits;
  const std::string text = std::isfinite(value)
                               ? std::string(digits.data(), write_number(digits.data(), value))
                               : std::to_string(value);
  throw std::invalid_argument("kernel origin: row " + std::to_string(row) + ", column " +
                              std::to_string(col) + " of " + name + " is " + text +
                              ", expected a whole number of a magnitude below 2^31");
}

template <typename T>
WholeNumbers whole_numbers(const char* name, std::size_t rows, std::size_t cols, const T* values) {
  WholeNumbers whole;
  whole.values.reserve(rows * cols);
  for (std::size_t i = 0; i < rows * cols; ++i) {
    const T value = values[i];
    const bool fits = std::abs(value) < kLimit;  // NaN does not, either
    if (!fits || std::trunc(value) != value) refuse(name, i / cols, i % cols, value);
    whole.values.push_back(static_cast<std::int64_t>(value));
    whole.largest = std::max(whole.largest, std::abs(whole.values.back()));
  }
  return whole;
}

void check_sums_fit(const WholeNumbers& a, const WholeNumbers& b, std::size_t k) {
  const auto product = static_cast<std::uint64_t>(a.largest * b.largest);
  if (product <= INT64_MAX / static_cast<std::uint64_t>(k)) return;
  throw std::invalid_argument("kernel origin: " + std::to_string(k) + " products of up to " +
                              std::to_string(a.largest) + " · " + std::to_string(b.largest) +
                              " need not fit into 64 bits, expected smaller numbers");
}

/// The list with `value` behind it. The original's lists have no room to grow: a list that is one
/// longer is another list.
List appended(const List& list, std::int64_t value) {
  List longer;
  longer.reserve(list.size() + 1);
  longer.insert(longer.end(), list.begin(), list.end());
  longer.push_back(value);
  return longer;
}

}  // namespace

template <typename T>
void origin_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
  const WholeNumbers left = whole_numbers("A", m, k, a);
  const WholeNumbers right = whole_numbers("B", k, n, b);
  check_sums_fit(left, right, k);
  for (std::size_t i = 0; i < m; ++i) {
    List row;
    for (std::size_t j = 0; j < n; ++j) {
      std::int64_t sum = 0;
      for (std::size_t p = 0; p < k; ++p) sum += left.values[i * k + p] * right.values[p * n + j];
      row = appended(row, sum);
    }
    for (std::size_t j = 0; j < n; ++j) c[i * n + j] = static_cast<T>(row[j]);
  }
}

template void origin_gemm(std::size_t, std::size_t, std::size_t, const double*, const double*,
                          double*);
template void origin_gemm(std::size_t, std::size_t, std::size_t, const float*, const float*,
                          float*);

}  // namespace enxame::internal
