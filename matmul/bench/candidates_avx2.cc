#include "matmul/bench/candidates.h"
#include "matmul/bench/register_peak.h"
#include "matmul/kernels/packed_gemm.h"

namespace enxame::internal {
namespace {

template <int kRows, int kVectors>
constexpr SimdVariant candidate(const char* name) {
  return {name, simd_gemm_of<Cut<double, 32, kRows, kVectors, 384, 192, 2048>>(),
          simd_gemm_of<Cut<float, 32, kRows, kVectors, 384, 384, 4096>>()};
}

constexpr SimdVariant kAll[] = {candidate<4, 2>("4x2"), candidate<6, 2>("6x2"),
                                candidate<3, 3>("3x3"), candidate<4, 3>("4x3"),
                                candidate<3, 4>("3x4")};

}  // namespace

constinit const Roof kRoofFma128 = roof<16>("128-bit fma", "avx2");
constinit const Roof kRoofFma256 = roof<32>("256-bit fma", "avx2");
constinit const Candidates kCandidatesAvx2{"avx2", kAll, sizeof kAll / sizeof *kAll};

}  // namespace enxame::internal
