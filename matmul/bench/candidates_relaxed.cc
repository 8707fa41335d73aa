#include "matmul/bench/candidates.h"
#include "matmul/bench/register_peak.h"
#include "matmul/kernels/packed_gemm.h"

namespace enxame::internal {
namespace {

template <int kRows, int kVectors, Size kDepth = 256>
constexpr SimdVariant candidate(const char* name) {
  return {name, simd_gemm_of<Cut<double, 16, kRows, kVectors, kDepth, 192, 1024>>(),
          simd_gemm_of<Cut<float, 16, kRows, kVectors, kDepth, 384, 2048>>()};
}

// For vectors of 128 bits, then for pairs of them that the engine makes one of.
constexpr SimdVariant kAll[] = {
    candidate<6, 2>("6x2"),          candidate<5, 2>("5x2"),          candidate<3, 3>("3x3"),
    candidate<4, 3>("4x3"),          candidate<6, 2, 384>("6x2/384"), candidate<4, 4>("4x4"),
    candidate<3, 6>("3x6"),          candidate<5, 4, 384>("5x4/384"), candidate<6, 4>("6x4"),
    candidate<6, 4, 384>("6x4/384"),
};

}  // namespace

constinit const Roof kRoofFma128 = roof<16>("128-bit fma", nullptr);
constinit const Roof kRoofFmaWide = roof<16, 2>("fused fma", nullptr);
constinit const Candidates kCandidatesRelaxed{"relaxed", kAll, sizeof kAll / sizeof *kAll};

}  // namespace enxame::internal
