#include "matmul/kernel.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "matmul/kernels/gemm.h"
#include "matmul/kernels/simd.h"

namespace enxame {
namespace {

constexpr std::array kKnown{Kernel::origin, Kernel::naive,   Kernel::blocked,      Kernel::simd_128,
                            Kernel::simd,   Kernel::relaxed, Kernel::relaxed_wide, Kernel::blas};

bool is_available(Kernel kernel) {
  switch (kernel) {
    case Kernel::simd_128:
      return internal::simd_128_variant() != nullptr;
    case Kernel::relaxed:
    case Kernel::relaxed_wide:
      return internal::relaxed_variants() != nullptr;
    case Kernel::blas:
#ifdef ENXAME_HAVE_BLAS
      return internal::has_blas();
#else
      return false;
#endif
    default:
      return true;
  }
}

bool is_built(Kernel kernel) {
#ifdef ENXAME_HAVE_BLAS
  if (kernel == Kernel::blas) return internal::can_have_blas();
#endif
  return is_available(kernel);
}

std::string names_of_this_program() {
  std::string names;
  for (const Kernel kernel : available_kernels()) {
    if (!names.empty()) names += ", ";
    names += to_string(kernel);
  }
  return names;
}

/// What a kernel needs that not every program has, or every machine.
const char* need_of(Kernel kernel) {
  if (kernel == Kernel::blas) return "a native build with OpenBLAS";
  return kernel == Kernel::simd_128 ? "an x86-64 processor with AVX" : "Wasm with relaxed SIMD";
}

[[noreturn]] void refuse_missing(Kernel kernel) {
  throw std::invalid_argument("kernel '" + std::string(to_string(kernel)) + "' needs " +
                              need_of(kernel) + ", which this program lacks; expected one of " +
                              names_of_this_program());
}

}  // namespace

namespace internal {

template <typename T>
Gemm<T> gemm_of(Kernel kernel) {
  if (!is_available(kernel)) refuse_missing(kernel);
  switch (kernel) {
    case Kernel::origin:
      return origin_gemm<T>;
    case Kernel::naive:
      return naive_gemm<T>;
    case Kernel::blocked:
      return blocked_gemm<T>;
    case Kernel::simd:
      return simd_gemm<T>;
    case Kernel::simd_128:
      return simd_128_gemm<T>;
    case Kernel::relaxed:
      return relaxed_gemm<T>;
    case Kernel::relaxed_wide:
      return relaxed_wide_gemm<T>;
    case Kernel::blas:
#ifdef ENXAME_HAVE_BLAS
      return blas_gemm<T>;
#else
      break;
#endif
  }
  refuse_missing(kernel);
}

template Gemm<double> gemm_of<double>(Kernel);
template Gemm<float> gemm_of<float>(Kernel);

}  // namespace internal

std::span<const Kernel> available_kernels() {
  static const std::vector<Kernel> kernels = [] {
    std::vector<Kernel> available;
    std::ranges::copy_if(kKnown, std::back_inserter(available), is_available);
    return available;
  }();
  return kernels;
}

std::string kernel_choices() {
  std::string names;
  for (const Kernel kernel : kKnown) {
    if (!is_built(kernel)) continue;
    if (!names.empty()) names += '|';
    names += to_string(kernel);
  }
  return names;
}

Kernel best_kernel() { return is_available(Kernel::relaxed) ? Kernel::relaxed : Kernel::simd; }

std::string_view to_string(Kernel kernel) {
  switch (kernel) {
    case Kernel::origin:
      return "origin";
    case Kernel::naive:
      return "naive";
    case Kernel::blocked:
      return "blocked";
    case Kernel::simd:
      return "simd";
    case Kernel::simd_128:
      return "simd-128";
    case Kernel::relaxed:
      return "relaxed";
    case Kernel::relaxed_wide:
      return "relaxed-wide";
    case Kernel::blas:
      return "blas";
  }
  throw std::invalid_argument("unknown kernel number " + std::to_string(static_cast<int>(kernel)));
}

Kernel parse_kernel(std::string_view name) {
  for (const Kernel kernel : kKnown) {
    if (to_string(kernel) != name) continue;
    if (!is_available(kernel)) refuse_missing(kernel);
    return kernel;
  }
  throw std::invalid_argument("unknown kernel '" + std::string(name) + "'; expected one of " +
                              names_of_this_program());
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
