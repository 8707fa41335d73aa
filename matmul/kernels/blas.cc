#include <cblas.h>

#include "matmul/kernels/gemm.h"

namespace enxame::internal {
namespace {

// OpenBLAS starts out with one thread per core; the project counts cores by workers.
void use_one_thread() {
  static const bool once = (openblas_set_num_threads(1), true);
  static_cast<void>(once);
}

}  // namespace

template <>
void blas_gemm(std::size_t m, std::size_t n, std::size_t k, const double* a, const double* b,
               double* c) {
  use_one_thread();
  const auto rows = static_cast<blasint>(m);
  const auto cols = static_cast<blasint>(n);
  const auto depth = static_cast<blasint>(k);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, cols, depth, 1.0, a, depth, b, cols,
              0.0, c, cols);
}

template <>
void blas_gemm(std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b,
               float* c) {
  use_one_thread();
  const auto rows = static_cast<blasint>(m);
  const auto cols = static_cast<blasint>(n);
  const auto depth = static_cast<blasint>(k);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, cols, depth, 1.0F, a, depth, b, cols,
              0.0F, c, cols);
}

}  // namespace enxame::internal
