#pragma once

#include <span>

#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {

/// The variants of the `simd` kernel that this machine can run, the best one last.
std::span<const SimdVariant* const> supported_simd_variants();

/// Runs one variant in the calling thread's workspace, which grows to the largest that was needed
/// and is kept.
template <typename T>
void run_simd(const SimdVariant& variant, std::size_t m, std::size_t n, std::size_t k, const T* a,
              const T* b, T* c);

}  // namespace enxame::internal
