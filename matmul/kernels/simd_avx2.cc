#include "matmul/kernels/packed_gemm.h"
#include "matmul/kernels/row_sums.h"
#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {

// 12 of the 16 registers are accumulators. README.md has the measurement.
constinit const SimdVariant kSimdAvx2{"avx2", simd_gemm_of<Cut<double, 32, 6, 2, 384, 192, 2048>>(),
                                      simd_gemm_of<Cut<float, 32, 6, 2, 384, 384, 4096>>(),
                                      sum_rows<RowCut<32>>};

}  // namespace enxame::internal
