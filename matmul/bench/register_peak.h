#pragma once

#include "matmul/bench/candidates.h"
#include "matmul/kernels/packed_gemm.h"

namespace enxame::internal {
namespace {  // NOLINT(google-build-namespaces): see packed_gemm.h

// Enough for two units of four cycles' latency, for a multiplication and an addition one after the
// other too, and few enough to stay in 16 registers.
constexpr int kChains = 12;

/// Keeps kChains vectors of `kBytes` busy with x ← x·factor + term for `steps` steps, out of
/// registers alone: what no kernel can exceed. Returns something that depends on all of it.
template <typename T, int kBytes>
T register_peak(Size steps, T factor, T term) {
  using V = Vector<T, kBytes>;
  typename V::Type chain[kChains];
  for (int i = 0; i < kChains; ++i) chain[i] = typename V::Type{} + static_cast<T>(i);
  for (Size step = 0; step < steps; ++step) {
    ENXAME_UNROLL
    for (int i = 0; i < kChains; ++i) chain[i] = chain[i] * factor + term;
  }
  typename V::Type sum = chain[0];
  for (int i = 1; i < kChains; ++i) sum += chain[i];
  T total = 0;
  for (int lane = 0; lane < V::kLanes; ++lane) total += sum[lane];
  return total;
}

/// The roof of registers of `kBytes`, with whatever operations this translation unit is compiled
/// for.
template <int kBytes>
constexpr Roof roof(const char* name, const char* needs) {
  return {name,
          needs,
          register_peak<double, kBytes>,
          register_peak<float, kBytes>,
          2.0 * kChains * Vector<double, kBytes>::kLanes,
          2.0 * kChains * Vector<float, kBytes>::kLanes};
}

}  // namespace
}  // namespace enxame::internal
