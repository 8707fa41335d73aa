#include <algorithm>

#include "matmul/kernels/gemm.h"

namespace enxame::internal {
namespace {

// A kDepth × kWidth block of B (128 KiB of f64) is used for every row of C before the next one is
// read; one row of it, with the row of C that it is added to, stays in the L1 cache.
constexpr std::size_t kDepth = 64;
constexpr std::size_t kWidth = 256;

// c[0..width) += Σ a[p]·b[p][0..width), four rows of B at a time so that C is read and written a
// quarter as often.
template <typename T>
void add_rows(std::size_t depth, std::size_t width, std::size_t n, const T* __restrict a,
              const T* __restrict b, T* __restrict c) {
  std::size_t p = 0;
  for (; p + 4 <= depth; p += 4) {
    const T* b0 = b + p * n;
    const T* b1 = b0 + n;
    const T* b2 = b1 + n;
    const T* b3 = b2 + n;
    for (std::size_t j = 0; j < width; ++j) {
      c[j] += a[p] * b0[j] + a[p + 1] * b1[j] + a[p + 2] * b2[j] + a[p + 3] * b3[j];
    }
  }
  for (; p < depth; ++p) {
    for (std::size_t j = 0; j < width; ++j) c[j] += a[p] * b[p * n + j];
  }
}

}  // namespace

template <typename T>
void blocked_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
  std::fill_n(c, m * n, T{0});
  for (std::size_t p = 0; p < k; p += kDepth) {
    const std::size_t depth = std::min(kDepth, k - p);
    for (std::size_t j = 0; j < n; j += kWidth) {
      const std::size_t width = std::min(kWidth, n - j);
      for (std::size_t i = 0; i < m; ++i) {
        add_rows(depth, width, n, a + i * k + p, b + p * n + j, c + i * n + j);
      }
    }
  }
}

template void blocked_gemm(std::size_t, std::size_t, std::size_t, const double*, const double*,
                           double*);
template void blocked_gemm(std::size_t, std::size_t, std::size_t, const float*, const float*,
                           float*);

}  // namespace enxame::internal
