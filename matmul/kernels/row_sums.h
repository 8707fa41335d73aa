#pragma once

// The sums of rows by which a product is verified (matmul/verify/freivalds.h). Compiled once for
// each instruction set: packed_gemm.h says why everything here has internal linkage.

#include "matmul/kernels/micro_kernel.h"

namespace enxame::internal {
namespace {  // NOLINT(google-build-namespaces)

/// How rows are added up: in vectors of `kBytes`, in chains of them that do not wait for each
/// other.
template <int kBytes>
struct RowCut {
  using Element = double;
  using Register = Vector<double, kBytes>;
  using Vec = typename Register::Type;
  typedef long long Bits __attribute__((vector_size(kBytes)));
  static constexpr Size kLanes = Register::kLanes;
  static constexpr Size kChains = 4;
};

/// |v|, element by element.
template <class C>
[[gnu::always_inline]] inline typename C::Vec magnitude_of(typename C::Vec v) {
  typename C::Bits bits;
  __builtin_memcpy(&bits, &v, sizeof bits);
  bits &= 0x7fff'ffff'ffff'ffffLL;
  __builtin_memcpy(&v, &bits, sizeof v);
  return v;
}

/// What one row adds up to so far.
template <class C>
struct RowTotals {
  typename C::Vec sums[C::kChains] = {};
  typename C::Vec magnitudes[C::kChains] = {};
};

/// Adds the vector of elements from `j` on to a chain.
template <class C, bool kMagnitudes>
[[gnu::always_inline]] inline void add_vector(Size chain, Size j, const double* row,
                                              const double* x, const double* w,
                                              RowTotals<C>& totals) {
  const typename C::Vec v = load<C>(row + j);
  totals.sums[chain] += v * load<C>(x + j);
  if constexpr (kMagnitudes) totals.magnitudes[chain] += magnitude_of<C>(v) * load<C>(w + j);
}

template <class C>
[[gnu::always_inline]] inline double total_of(const typename C::Vec (&chains)[C::kChains]) {
  const typename C::Vec lanes = (chains[0] + chains[1]) + (chains[2] + chains[3]);
  double total = 0;
  ENXAME_UNROLL
  for (Size lane = 0; lane < C::kLanes; ++lane) total += lanes[lane];
  return total;
}

template <class C, bool kMagnitudes>
[[gnu::always_inline]] inline void sum_row(Size cols, const double* row, const double* x,
                                           const double* w, double* sum, double* magnitude) {
  constexpr Size kStep = C::kChains * C::kLanes;
  RowTotals<C> totals;
  Size j = 0;
  for (; j + kStep <= cols; j += kStep) {
    ENXAME_UNROLL
    for (Size chain = 0; chain < C::kChains; ++chain) {
      add_vector<C, kMagnitudes>(chain, j + chain * C::kLanes, row, x, w, totals);
    }
  }
  for (; j + C::kLanes <= cols; j += C::kLanes) {
    add_vector<C, kMagnitudes>(0, j, row, x, w, totals);
  }
  double rest = 0;
  double rest_magnitude = 0;
  for (; j < cols; ++j) {
    rest += row[j] * x[j];
    if constexpr (kMagnitudes) rest_magnitude += __builtin_fabs(row[j]) * w[j];
  }
  *sum = total_of<C>(totals.sums) + rest;
  if constexpr (kMagnitudes) *magnitude = total_of<C>(totals.magnitudes) + rest_magnitude;
}

/// SimdVariant::row_sums.
template <class C>
void sum_rows(Size rows, Size cols, const double* matrix, const double* x, const double* w,
              double* sums, double* magnitudes) {
  if (w == nullptr) {
    for (Size i = 0; i < rows; ++i) {
      sum_row<C, false>(cols, matrix + i * cols, x, nullptr, sums + i, nullptr);
    }
  } else {
    for (Size i = 0; i < rows; ++i) {
      sum_row<C, true>(cols, matrix + i * cols, x, w, sums + i, magnitudes + i);
    }
  }
}

}  // namespace
}  // namespace enxame::internal
