#include "matmul/kernels/packed_gemm.h"
#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {
namespace {

// README.md has the measurement. `relaxed`: 12 accumulators, 2 vectors of B and one of A are all
// the registers there are. `relaxed-wide`: twice as many accumulators as fit, unless the engine
// fuses neighbours.
constinit const RelaxedVariants kRelaxed{
    {"relaxed", simd_gemm_of<Cut<double, 16, 6, 2, 256, 192, 1024>>(),
     simd_gemm_of<Cut<float, 16, 6, 2, 256, 384, 2048>>()},
    {"relaxed-wide", simd_gemm_of<Cut<double, 16, 6, 4, 384, 192, 1024>>(),
     simd_gemm_of<Cut<float, 16, 6, 4, 384, 384, 2048>>()}};

}  // namespace

const RelaxedVariants* relaxed_variants() { return &kRelaxed; }

}  // namespace enxame::internal
