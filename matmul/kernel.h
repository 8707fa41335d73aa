#pragma once

#include <span>
#include <string_view>

#include "matmul/matrix.h"
#include "matmul/matrix_view.h"

namespace enxame {

/// The multiply loop. All compute C = A·B in 2·m·k·n floating-point operations and agree within
/// rounding.
enum class Kernel {
  naive,    ///< the textbook triple loop: the floor
  blocked,  ///< the same arithmetic, blocked for the caches, left to the compiler to vectorise
  simd,     ///< packed panels and a register-blocked micro-kernel on vector extensions
  blas,     ///< OpenBLAS, one thread; native builds only
};

/// The kernels of this build, slowest first.
std::span<const Kernel> available_kernels();

/// "naive", "blocked", "simd" or "blas".
std::string_view to_string(Kernel kernel);

/// The kernel of that name. Throws std::invalid_argument, naming the kernels of this build, when
/// there is none.
Kernel parse_kernel(std::string_view name);

/// The instruction set that `simd` uses on this machine: "avx512", "avx2", "sse2", "simd128",
/// "neon" or "generic".
std::string_view simd_instruction_set();

/// C = A·B on the calling thread, `a` being m × k and `b` k × n. Throws ShapeError when the inner
/// dimensions differ and std::invalid_argument when this build lacks the kernel.
template <typename T>
MatrixOf<T> multiply(const MatrixOf<T>& a, const MatrixOf<T>& b, Kernel kernel);

/// The same into `c`, room for the m × n values of the product, whose old contents do not matter.
template <typename T>
void multiply_into(MatrixViewOf<T> a, MatrixViewOf<T> b, T* c, Kernel kernel);

}  // namespace enxame
