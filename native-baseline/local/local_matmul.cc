#include "native-baseline/local/local_matmul.h"

#include "matmul/timing/stopwatch.h"

namespace enxame::native {

Product LocalMatmul::multiply(const Matrix& a, const Matrix& b) {
  // Before the queue: a task that cannot be computed takes nobody's place.
  product_shape(a.shape(), b.shape());
  Phases phases;
  Stopwatch watch;
  std::optional<FifoGate::Pass> pass;
  if (gate_) {
    pass.emplace(*gate_);
    phases.queue = watch.lap();
  }
  Matrix c = enxame::multiply(a, b, kernel_);
  phases.worker.compute = watch.lap();
  return {std::move(c), phases, ""};
}

}  // namespace enxame::native
