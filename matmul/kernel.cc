#include "matmul/kernel.h"

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "matmul/kernels/gemm.h"
#include "matmul/kernels/simd.h"

namespace enxame {
namespace {

#ifdef ENXAME_HAVE_BLAS
constexpr std::array kKernels{Kernel::naive, Kernel::blocked, Kernel::simd, Kernel::blas};
#else
constexpr std::array kKernels{Kernel::naive, Kernel::blocked, Kernel::simd};
#endif

std::string names_of_this_build() {
  std::string names;
  for (const Kernel kernel : kKernels) {
    if (!names.empty()) names += ", ";
    names += to_string(kernel);
  }
  return names;
}

}  // namespace

namespace internal {

template <typename T>
Gemm<T> gemm_of(Kernel kernel) {
  switch (kernel) {
    case Kernel::naive:
      return naive_gemm<T>;
    case Kernel::blocked:
      return blocked_gemm<T>;
    case Kernel::simd:
      return simd_gemm<T>;
    case Kernel::blas:
#ifdef ENXAME_HAVE_BLAS
      return blas_gemm<T>;
#else
      break;
#endif
  }
  throw std::invalid_argument("kernel '" + std::string(to_string(kernel)) +
                              "' is not in this build, which has " + names_of_this_build());
}

template Gemm<double> gemm_of<double>(Kernel);
template Gemm<float> gemm_of<float>(Kernel);

}  // namespace internal

std::span<const Kernel> available_kernels() { return kKernels; }

std::string_view to_string(Kernel kernel) {
  switch (kernel) {
    case Kernel::naive:
      return "naive";
    case Kernel::blocked:
      return "blocked";
    case Kernel::simd:
      return "simd";
    case Kernel::blas:
      return "blas";
  }
  throw std::invalid_argument("no kernel has the number " +
                              std::to_string(static_cast<int>(kernel)));
}

Kernel parse_kernel(std::string_view name) {
  for (const Kernel kernel : kKernels) {
    if (to_string(kernel) == name) return kernel;
  }
  throw std::invalid_argument("no kernel is called '" + std::string(name) + "'; this build has " +
                              names_of_this_build());
}

std::string_view simd_instruction_set() { return internal::supported_simd_variants().back()->name; }

template <typename T>
MatrixOf<T> multiply(const MatrixOf<T>& a, const MatrixOf<T>& b, Kernel kernel) {
  const Shape shape = product_shape(a.shape(), b.shape());
  typename MatrixOf<T>::Values c(shape.size());
  multiply_into<T>(a, b, c.data(), kernel);
  return {shape, std::move(c)};
}

template <typename T>
void multiply_into(MatrixViewOf<T> a, MatrixViewOf<T> b, T* c, Kernel kernel) {
  product_shape(a.shape(), b.shape());
  internal::gemm_of<T>(kernel)(a.rows(), b.cols(), a.cols(), a.data(), b.data(), c);
}

template Matrix multiply(const Matrix&, const Matrix&, Kernel);
template MatrixF32 multiply(const MatrixF32&, const MatrixF32&, Kernel);
template void multiply_into(MatrixViewOf<double>, MatrixViewOf<double>, double*, Kernel);
template void multiply_into(MatrixViewOf<float>, MatrixViewOf<float>, float*, Kernel);

}  // namespace enxame
