#pragma once

#include "matmul/kernel.h"
#include "matmul/matrix_view.h"

namespace enxame::native {

/// What a worker computes with: it works in place, on the bytes that were received and into those
/// that will be sent.
class Multiplier {
 public:
  virtual ~Multiplier() = default;

  /// C = A·B into `c`, room for m × n values. The inner dimensions are equal. Called by one thread
  /// at a time.
  virtual void multiply(MatrixView a, MatrixView b, double* c) = 0;
};

/// A kernel, on the caller's thread.
class KernelMultiplier : public Multiplier {
 public:
  explicit KernelMultiplier(Kernel kernel) : kernel_(kernel) {}

  void multiply(MatrixView a, MatrixView b, double* c) override { multiply_into(a, b, c, kernel_); }

 private:
  Kernel kernel_;
};

}  // namespace enxame::native
