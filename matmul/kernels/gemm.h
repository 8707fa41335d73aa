#pragma once

#include <cstddef>

// The kernels behind `multiply`, on plain pointers: no shape checks, no allocation of the result.

namespace enxame {
enum class Kernel;
}

namespace enxame::internal {

/// C = A·B for row-major, contiguous `a` (m × k), `b` (k × n) and `c` (m × n), whose old contents
/// do not matter. No dimension is zero and `c` overlaps neither operand.
template <typename T>
using Gemm = void (*)(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

/// As the original system does it: the triple loop on whole numbers, each element of the product
/// being appended to a copy of its row so far. Throws std::invalid_argument, with its place, for
/// the first element that is no whole number of a magnitude below 2^31, and for operands so large
/// that a sum of their products need not fit into 64 bits.
template <typename T>
void origin_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

template <typename T>
void naive_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

template <typename T>
void blocked_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

/// The best of `supported_simd_variants()`.
template <typename T>
void simd_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

/// That of `simd_128_variant()`, where there is one.
template <typename T>
void simd_128_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

/// The two of `relaxed_variants()`, in programs that have them.
template <typename T>
void relaxed_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);
template <typename T>
void relaxed_wide_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

#ifdef ENXAME_HAVE_BLAS
/// Whether this program could load OpenBLAS, if it were there.
bool can_have_blas();

/// Whether it is there; it is loaded for this.
bool has_blas();

template <typename T>
void blas_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);
#endif

/// The function of `kernel`. Throws std::invalid_argument, naming the kernels of this program, when
/// it is not among them.
template <typename T>
Gemm<T> gemm_of(Kernel kernel);

}  // namespace enxame::internal
