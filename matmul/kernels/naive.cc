#include "matmul/kernels/gemm.h"

namespace enxame::internal {

template <typename T>
void naive_gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      T sum = 0;
      for (std::size_t p = 0; p < k; ++p) sum += a[i * k + p] * b[p * n + j];
      c[i * n + j] = sum;
    }
  }
}

template void naive_gemm(std::size_t, std::size_t, std::size_t, const double*, const double*,
                         double*);
template void naive_gemm(std::size_t, std::size_t, std::size_t, const float*, const float*, float*);

}  // namespace enxame::internal
