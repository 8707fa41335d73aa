#pragma once

#include <cstddef>

#include "matmul/kernels/simd_variant.h"

// What the benchmarks compare besides the kernels: tile shapes that the `simd` kernel could have,
// and roofs over all of them. Each translation unit behind this header is compiled for one
// instruction set (see packed_gemm.h).

namespace enxame::internal {

/// The most operations that registers alone allow, at one width.
struct Roof {
  const char* name;
  const char* needs;  ///< the instruction set, as SimdVariant::name has it; nullptr for what every
                      ///< machine has
  double (*f64)(std::size_t steps, double factor, double term);
  float (*f32)(std::size_t steps, float factor, float term);
  double flops_per_step_f64;
  double flops_per_step_f32;
};

extern const Roof kRoofMulAdd128;
extern const Roof kRoofFma128;
#if defined(__wasm__)
extern const Roof kRoofMulAddWide;  ///< of an engine that fuses two vectors into one
extern const Roof kRoofFmaWide;
#elif defined(__x86_64__)
extern const Roof kRoofFma256;
extern const Roof kRoofFma512;
#endif

/// Candidates of one instruction set, each named by its rows and vectors: "6x2", and where others
/// differ in it by its steps along k: "6x2/384".
struct Candidates {
  const char* instruction_set;
  const SimdVariant* begin;
  std::size_t count;
};

extern const Candidates kCandidates128;
#if defined(__wasm__)
extern const Candidates kCandidatesRelaxed;
#elif defined(__x86_64__)
extern const Candidates kCandidatesAvx2;
extern const Candidates kCandidatesAvx512;
#endif

}  // namespace enxame::internal
