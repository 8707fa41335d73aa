#include "matmul/kernels/packed_gemm.h"
#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {

// As sse2's, since there are as many registers; the encoding of AVX spares the copies between them.
constinit const SimdVariant kSimdVex128{"avx-128",
                                        simd_gemm_of<Cut<double, 16, 4, 3, 256, 192, 1024>>(),
                                        simd_gemm_of<Cut<float, 16, 4, 3, 256, 384, 2048>>()};

}  // namespace enxame::internal
