#include "matmul/bench/candidates.h"
#include "matmul/bench/register_peak.h"
#include "matmul/kernels/packed_gemm.h"

namespace enxame::internal {
namespace {

template <int kRows, int kVectors>
constexpr SimdVariant candidate(const char* name) {
  return {name, simd_gemm_of<Cut<double, 64, kRows, kVectors, 512, 128, 2048>>(),
          simd_gemm_of<Cut<float, 64, kRows, kVectors, 512, 128, 4096>>()};
}

constexpr SimdVariant kAll[] = {candidate<6, 2>("6x2"),   candidate<12, 2>("12x2"),
                                candidate<14, 2>("14x2"), candidate<8, 3>("8x3"),
                                candidate<9, 3>("9x3"),   candidate<6, 4>("6x4")};

}  // namespace

constinit const Roof kRoofFma512 = roof<64>("512-bit fma", "avx512");
constinit const Candidates kCandidatesAvx512{"avx512", kAll, sizeof kAll / sizeof *kAll};

}  // namespace enxame::internal
