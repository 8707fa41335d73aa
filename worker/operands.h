#pragma once

#include "matmul/matrix.h"
#include "wire/operand_cache.h"

namespace enxame::worker {

/// Two matrices to be multiplied, A·B. Whether their shapes go together is for the multiplication
/// to find out.
struct Operands {
  Matrix a;
  Matrix b;
};

/// The same of a tile, whose B this worker keeps for other tiles as well. They lie in memory that
/// is the caller's, or kept.
struct TileOperands {
  MatrixView a;
  wire::KeptMatrix b;
};

}  // namespace enxame::worker
