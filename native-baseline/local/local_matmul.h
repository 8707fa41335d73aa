#pragma once

#include <cstddef>
#include <optional>

#include "matmul/kernel.h"
#include "matmul/matmul.h"
#include "native-baseline/local/fifo_gate.h"

namespace enxame::native {

/// Multiplies on the caller's thread. Of the phases, `worker.compute` is filled, and `queue` where
/// callers wait for each other.
class LocalMatmul : public Matmul {
 public:
  /// As many multiply at once as there are callers.
  explicit LocalMatmul(Kernel kernel) : kernel_(kernel) {}

  /// At most `workers` (1 or more) multiply at once, first come, first served.
  LocalMatmul(Kernel kernel, std::size_t workers) : kernel_(kernel), gate_(workers) {}

  Product multiply(const Matrix& a, const Matrix& b) override;

 private:
  Kernel kernel_;
  std::optional<FifoGate> gate_;
};

}  // namespace enxame::native
