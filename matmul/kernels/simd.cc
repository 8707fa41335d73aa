#include "matmul/kernels/simd.h"

#include <type_traits>
#include <vector>

#include "matmul/kernels/gemm.h"
#include "matmul/matrix.h"

namespace enxame::internal {
namespace {

std::vector<const SimdVariant*> find_supported() {
#if defined(__x86_64__)
  std::vector<const SimdVariant*> found{&kSimdSse2};
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2) found.push_back(&kSimdAvx2);
  if (avx2 && __builtin_cpu_supports("avx512f")) found.push_back(&kSimdAvx512);
  return found;
#else
  return {&kSimd128};
#endif
}

template <typename T>
T* workspace(std::size_t elements) {
  if (elements == 0) return nullptr;
  thread_local std::vector<T, AlignedAllocator<T>> buffer;
  if (buffer.size() < elements) {
    buffer.clear();  // so that growing copies nothing
    buffer.resize(elements);
  }
  return buffer.data();
}

}  // namespace

std::span<const SimdVariant* const> supported_simd_variants() {
  static const std::vector<const SimdVariant*> variants = find_supported();
  return variants;
}

const SimdVariant* simd_128_variant() {
#if defined(__x86_64__)
  static const bool has_avx = __builtin_cpu_supports("avx");
  return has_avx ? &kSimdVex128 : nullptr;
#else
  return nullptr;
#endif
}

template <typename T>
void run_simd(const SimdVariant& variant, std::size_t m, std::size_t n, std::size_t k, const T* a,
              const T* b, T* c) {
  const SimdGemm<T>& gemm = [&]() -> const SimdGemm<T>& {
    if constexpr (std::is_same_v<T, double>) {
      return variant.f64;
    } else {
      return variant.f32;
    }
  }();
  gemm.run(m, n, k, a, b, c, workspace<T>(gemm.workspace_elements(m, n, k)));
}

template <typename T>
void simd_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
  run_simd(*supported_simd_variants().back(), m, n, k, a, b, c);
}

template <typename T>
void simd_128_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
  run_simd(*simd_128_variant(), m, n, k, a, b, c);
}

// What a program has that is not linked with `matmul_relaxed`, whose own definition wins.
[[gnu::weak]] const RelaxedVariants* relaxed_variants() { return nullptr; }

template <typename T>
void relaxed_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
  run_simd(relaxed_variants()->relaxed, m, n, k, a, b, c);
}

template <typename T>
void relaxed_wide_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
  run_simd(relaxed_variants()->wide, m, n, k, a, b, c);
}

template void run_simd(const SimdVariant&, std::size_t, std::size_t, std::size_t, const double*,
                       const double*, double*);
template void run_simd(const SimdVariant&, std::size_t, std::size_t, std::size_t, const float*,
                       const float*, float*);
template void simd_gemm(std::size_t, std::size_t, std::size_t, const double*, const double*,
                        double*);
template void simd_gemm(std::size_t, std::size_t, std::size_t, const float*, const float*, float*);
template void simd_128_gemm(std::size_t, std::size_t, std::size_t, const double*, const double*,
                            double*);
template void simd_128_gemm(std::size_t, std::size_t, std::size_t, const float*, const float*,
                            float*);
template void relaxed_gemm(std::size_t, std::size_t, std::size_t, const double*, const double*,
                           double*);
template void relaxed_gemm(std::size_t, std::size_t, std::size_t, const float*, const float*,
                           float*);
template void relaxed_wide_gemm(std::size_t, std::size_t, std::size_t, const double*, const double*,
                                double*);
template void relaxed_wide_gemm(std::size_t, std::size_t, std::size_t, const float*, const float*,
                                float*);

}  // namespace enxame::internal
