#include "matmul/kernels/packed_gemm.h"
#include "matmul/kernels/row_sums.h"
#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {

// The instruction set that every machine of the architecture has. README.md has the measurement of
// the tiles.
#if defined(__x86_64__)
constinit const SimdVariant kSimdSse2{"sse2", simd_gemm_of<Cut<double, 16, 4, 3, 256, 192, 1024>>(),
                                      simd_gemm_of<Cut<float, 16, 4, 3, 256, 384, 2048>>(),
                                      sum_rows<RowCut<16>>};
#else
#if defined(__wasm_simd128__)
#define ENXAME_SIMD_NAME "simd128"
#elif defined(__aarch64__)
#define ENXAME_SIMD_NAME "neon"
#else
#define ENXAME_SIMD_NAME "generic"
#endif
constinit const SimdVariant kSimd128{
    ENXAME_SIMD_NAME, simd_gemm_of<Cut<double, 16, 3, 3, 256, 192, 1024>>(),
    simd_gemm_of<Cut<float, 16, 3, 3, 256, 384, 2048>>(), sum_rows<RowCut<16>>};
#endif

}  // namespace enxame::internal
