#include "matmul/kernels/packed_gemm.h"
#include "matmul/kernels/row_sums.h"
#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {

// 24 of the 32 registers are accumulators. README.md has the measurement.
constinit const SimdVariant kSimdAvx512{
    "avx512", simd_gemm_of<Cut<double, 64, 6, 4, 512, 128, 2048>>(),
    simd_gemm_of<Cut<float, 64, 6, 4, 512, 128, 4096>>(), sum_rows<RowCut<64>>};

}  // namespace enxame::internal
