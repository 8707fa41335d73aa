#pragma once

#include "matmul/matrix.h"

namespace enxame {

/// Two matrices to be multiplied, A·B. Whether their shapes go together is for the multiplication
/// to find out.
struct Operands {
  Matrix a;
  Matrix b;
};

}  // namespace enxame
