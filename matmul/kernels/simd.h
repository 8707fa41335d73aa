#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {

/// The variants of the `simd` kernel that this machine can run, the best one last.
std::span<const SimdVariant* const> supported_simd_variants();

/// That of the kernel `simd-128`; null where this machine or architecture has none.
const SimdVariant* simd_128_variant();

/// Runs one variant in the calling thread's workspace, which grows to the largest that was needed
/// and is kept.
template <typename T>
void run_simd(const SimdVariant& variant, std::size_t m, std::size_t n, std::size_t k, const T* a,
              const T* b, T* c);

/// How often a term is rounded at most on its way into a sum of SimdVariant::row_sums, in any
/// variant: its product, the additions within its chain of vectors, and those that bring chains,
/// lanes and the last elements together. Chains of the narrowest vectors take every eighth term.
constexpr std::size_t row_sum_roundings(std::size_t cols) {
  constexpr std::size_t kBringingTogether = 16;
  return std::min(cols, cols / 8 + kBringingTogether);
}

}  // namespace enxame::internal
