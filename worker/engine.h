#pragma once

#include <stdexcept>

#include "matmul/kernel.h"
#include "matmul/matrix_view.h"
#include "matmul/timing/phases.h"

namespace enxame::worker {

/// An engine that did not multiply what another one might, and why, in words.
class EngineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What computes a worker's products. One caller, one multiplication at a time.
class Engine {
 public:
  /// How long matrices were under way where the engine is another program: from the call until it
  /// had both operands, and from when it had the product until that was here. Reading and writing
  /// their bytes is part of it.
  struct Travel {
    Duration there{};
    Duration back{};
  };

  virtual ~Engine() = default;

  /// C = A·B into `c`, room for the m × n values of the product, whose old contents do not matter.
  /// Throws ShapeError when the inner dimensions differ, another std::invalid_argument when no
  /// engine could compute this product, std::bad_alloc when memory is too small here, EngineError.
  virtual Travel multiply(MatrixView a, MatrixView b, double* c) = 0;
};

/// A kernel of this program.
class KernelEngine : public Engine {
 public:
  explicit KernelEngine(Kernel kernel) : kernel_(kernel) {}

  Travel multiply(MatrixView a, MatrixView b, double* c) override {
    multiply_into<double>(a, b, c, kernel_);
    return {};
  }

 private:
  const Kernel kernel_;
};

}  // namespace enxame::worker
