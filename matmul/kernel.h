#pragma once

#include <span>
#include <string>
#include <string_view>

#include "matmul/matrix.h"
#include "matmul/matrix_view.h"

namespace enxame {

/// The multiply loop. All compute C = A·B in 2·m·k·n operations and agree within rounding.
enum class Kernel {
  origin,        ///< the original system's: whole numbers, each appended to a copy of its row
  naive,         ///< the textbook triple loop: the floor
  blocked,       ///< the same arithmetic, blocked for the caches, left to the compiler to vectorise
  simd_128,      ///< `simd` on vectors of 128 bits and nothing fused, as in Wasm; x86-64 only
  simd,          ///< packed panels and a register-blocked micro-kernel on vector extensions
  relaxed,       ///< `simd` with fused operations; Wasm with relaxed SIMD only
  relaxed_wide,  ///< `relaxed` cut for engines that fuse neighbouring vectors, slower in others
  blas,          ///< OpenBLAS, one thread; native builds only
};

/// The kernels of this program, slowest first. Loads OpenBLAS, to see whether it is there.
std::span<const Kernel> available_kernels();

/// The names of the kernels that this program was built with, as "naive|blocked": without a look at
/// what this machine has of them.
std::string kernel_choices();

/// The fastest kernel of this program that is the project's own and needs no flag of the engine:
/// `relaxed` where there is one, else `simd`.
Kernel best_kernel();

/// "origin", "naive", "blocked", "simd-128", "simd", "relaxed", "relaxed-wide" or "blas".
std::string_view to_string(Kernel kernel);

/// The kernel of that name. Throws std::invalid_argument, naming the kernels of this program and
/// what a known one that is not among them would need, when it has none of that name.
Kernel parse_kernel(std::string_view name);

/// The instruction set that `simd` uses on this machine: "avx512", "avx2", "sse2", "simd128",
/// "neon" or "generic".
std::string_view simd_instruction_set();

/// C = A·B on the calling thread, `a` being m × k and `b` k × n. Throws ShapeError when the inner
/// dimensions differ and std::invalid_argument when this program lacks the kernel, or when `origin`
/// is given an element that is no whole number below 2^31.
template <typename T>
MatrixOf<T> multiply(const MatrixOf<T>& a, const MatrixOf<T>& b, Kernel kernel);

/// The same into `c`, room for the m × n values of the product, whose old contents do not matter.
template <typename T>
void multiply_into(MatrixViewOf<T> a, MatrixViewOf<T> b, T* c, Kernel kernel);

}  // namespace enxame
