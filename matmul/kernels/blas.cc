#include <cblas.h>
#include <dlfcn.h>
#include <sys/auxv.h>

#include "matmul/kernels/gemm.h"

namespace enxame::internal {
namespace {

/// What is used of OpenBLAS.
struct Library {
  decltype(&cblas_dgemm) dgemm;
  decltype(&cblas_sgemm) sgemm;
};

bool load(Library& library) {
  void* const handle =
      can_have_blas() ? dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (handle == nullptr) return false;
  const auto set_threads = reinterpret_cast<decltype(&openblas_set_num_threads)>(
      dlsym(handle, "openblas_set_num_threads"));
  library.dgemm = reinterpret_cast<decltype(&cblas_dgemm)>(dlsym(handle, "cblas_dgemm"));
  library.sgemm = reinterpret_cast<decltype(&cblas_sgemm)>(dlsym(handle, "cblas_sgemm"));
  if (set_threads == nullptr || library.dgemm == nullptr || library.sgemm == nullptr) return false;
  // It starts out with one thread per core; the project counts cores by workers.
  set_threads(1);
  return true;
}

/// OpenBLAS, loaded the first time that it is asked for: it is 36 MB, and starts threads. Null
/// where it is not there.
const Library* openblas() {
  static Library library{};
  static const bool is_loaded = load(library);
  return is_loaded ? &library : nullptr;
}

}  // namespace

// A program without an interpreter is linked statically, and loads no library.
bool can_have_blas() { return getauxval(AT_BASE) != 0; }

bool has_blas() { return openblas() != nullptr; }

template <>
void blas_gemm(std::size_t m, std::size_t n, std::size_t k, const double* a, const double* b,
               double* c) {
  const auto rows = static_cast<blasint>(m);
  const auto cols = static_cast<blasint>(n);
  const auto depth = static_cast<blasint>(k);
  openblas()->dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, cols, depth, 1.0, a, depth, b,
                    cols, 0.0, c, cols);
}

template <>
void blas_gemm(std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b,
               float* c) {
  const auto rows = static_cast<blasint>(m);
  const auto cols = static_cast<blasint>(n);
  const auto depth = static_cast<blasint>(k);
  openblas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, cols, depth, 1.0F, a, depth, b,
                    cols, 0.0F, c, cols);
}

}  // namespace enxame::internal
