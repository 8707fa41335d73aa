#pragma once

#include "matmul/bench/candidates.h"
#include "matmul/kernels/packed_gemm.h"

namespace enxame::internal {
namespace {  // NOLINT(google-build-namespaces): see packed_gemm.h

// Enough for two units of four cycles' latency, for a multiplication and an addition one after the
// other too, and few enough to stay in 16 registers.
constexpr int kChains = 12;

/// Keeps kChains × kFused vectors of `kBytes` busy with multiplications and additions for `steps`
/// steps, out of registers alone: what no kernel can exceed. Engines that fuse neighbours make
/// kChains vectors of kFused times the width out of them, since all are stored side by side in the
/// end. Returns something that depends on all of it.
template <typename T, int kBytes, int kFused>
T register_peak(Size steps, T factor, T term) {
  using V = Vector<T, kBytes>;
  typename V::Type chain[kChains * kFused];
  ENXAME_UNROLL
  for (int i = 0; i < kChains * kFused; ++i) chain[i] = typename V::Type{} + static_cast<T>(i);
  for (Size step = 0; step < steps; ++step) {
    ENXAME_UNROLL
    for (int i = 0; i < kChains * kFused; ++i) {
#if defined(__wasm_relaxed_simd__)
      // As in a micro-kernel: the operation overwrites the sum.
      chain[i] = multiply_add<V>(factor, typename V::Type{} + term, chain[i]);
#else
      chain[i] = chain[i] * factor + term;
#endif
    }
  }
  T stored[kChains * kFused * V::kLanes];
  ENXAME_UNROLL
  for (int i = 0; i < kChains * kFused; ++i) {
    __builtin_memcpy(stored + i * V::kLanes, &chain[i], sizeof chain[i]);
  }
  asm volatile("" : : "r"(stored) : "memory");  // so that it is
  T total = 0;
  for (const T element : stored) total += element;
  return total;
}

/// The roof of registers of `kBytes`, with whatever operations this translation unit is compiled
/// for.
template <int kBytes, int kFused = 1>
constexpr Roof roof(const char* name, const char* needs) {
  return {name,
          needs,
          register_peak<double, kBytes, kFused>,
          register_peak<float, kBytes, kFused>,
          2.0 * kChains * kFused * Vector<double, kBytes>::kLanes,
          2.0 * kChains * kFused * Vector<float, kBytes>::kLanes};
}

}  // namespace
}  // namespace enxame::internal
