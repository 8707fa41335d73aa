#pragma once

#include <string>

#include "matmul/matrix.h"
#include "matmul/timing/phases.h"

namespace enxame {

/// A product, where the time went, and who computed it.
struct Product {
  Matrix matrix;
  Phases phases;
  std::string
      worker;  ///< the worker's id or address; empty when the caller's own thread computed it
};

/// A way to multiply, near or far. Everything that multiplies provides it, so that a caller cannot
/// tell a local kernel from a swarm of browsers and one can be put in the other's place while a
/// server runs. Implementations are thread-safe: many threads may call multiply() at once.
class Matmul {
 public:
  virtual ~Matmul() = default;

  /// C = A·B, `a` being m × k and `b` k × n. Blocks until the product is there. Throws ShapeError
  /// when the inner dimensions differ, std::runtime_error (naming who failed and how) when the
  /// system cannot deliver.
  virtual Product multiply(const Matrix& a, const Matrix& b) = 0;
};

}  // namespace enxame
