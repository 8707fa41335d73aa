#include "matmul/bench/candidates.h"
#include "matmul/kernels/packed_gemm.h"

namespace enxame::internal {
namespace {

template <int kRows, int kVectors>
constexpr SimdVariant candidate(const char* name) {
  return {name, simd_gemm_of<Cut<double, 16, kRows, kVectors, 256, 192, 1024>>(),
          simd_gemm_of<Cut<float, 16, kRows, kVectors, 256, 384, 2048>>()};
}

constexpr SimdVariant kAll[] = {candidate<3, 3>("3x3"), candidate<4, 2>("4x2"),
                                candidate<5, 2>("5x2"), candidate<6, 2>("6x2"),
                                candidate<2, 4>("2x4"), candidate<4, 3>("4x3")};

}  // namespace

#if defined(__x86_64__)
constinit const Candidates kCandidates128{"sse2", kAll, sizeof kAll / sizeof *kAll};
#else
constinit const Candidates kCandidates128{"128", kAll, sizeof kAll / sizeof *kAll};
#endif

}  // namespace enxame::internal
