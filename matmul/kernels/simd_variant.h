#pragma once

#include <cstddef>

// No other standard header here: the variants are compiled for instruction sets that not every
// machine has (see packed_gemm.h).

namespace enxame::internal {

/// The `simd` kernel for one element type, compiled for one instruction set.
template <typename T>
struct SimdGemm {
  /// C = A·B as in gemm.h. `workspace` holds workspace_elements(m, n, k) elements on a 64-byte
  /// boundary, whose contents do not matter, and is null when that is 0.
  void (*run)(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c,
              T* workspace);
  std::size_t (*workspace_elements)(std::size_t m, std::size_t n, std::size_t k);
};

/// sums = M·x and magnitudes = |M|·w, of a row-major, contiguous `matrix` M of rows × cols; only
/// the sums where `w` and `magnitudes` are null. row_sum_roundings() of simd.h bounds the rounding.
using RowSums = void (*)(std::size_t rows, std::size_t cols, const double* matrix, const double* x,
                         const double* w, double* sums, double* magnitudes);

/// What is compiled for one instruction set: the `simd` kernel, and the sums by which products are
/// verified.
struct SimdVariant {
  const char* name;
  SimdGemm<double> f64;
  SimdGemm<float> f32;
  RowSums row_sums = nullptr;  ///< of those in supported_simd_variants() never null
};

/// The kernels `relaxed` and `relaxed-wide`.
struct RelaxedVariants {
  SimdVariant relaxed;
  SimdVariant wide;
};

/// Those of this program; null unless it is linked with `matmul_relaxed` (see kernels.cmake).
const RelaxedVariants* relaxed_variants();

#if defined(__x86_64__)
extern const SimdVariant kSimdSse2;
extern const SimdVariant kSimdVex128;  ///< the kernel `simd-128`
extern const SimdVariant kSimdAvx2;
extern const SimdVariant kSimdAvx512;
#else
extern const SimdVariant kSimd128;
#endif

}  // namespace enxame::internal
