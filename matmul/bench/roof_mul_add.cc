#include "matmul/bench/register_peak.h"

namespace enxame::internal {

// Compiled without contraction: what 128-bit vectors reach without fused operations, as in Wasm
// without relaxed SIMD.
constinit const Roof kRoofMulAdd128 = roof<16>("128-bit mul+add", nullptr);
#if defined(__wasm__)
constinit const Roof kRoofMulAddWide = roof<16, 2>("fused mul+add", nullptr);
#endif

}  // namespace enxame::internal
