#pragma once

#include "matmul/matrix.h"

namespace enxame {

// The smallest multiplication that shows an order: kA kB = kC, which is not kB kA.
inline const Matrix kA{{1, 2}, {3, 4}};
inline const Matrix kB{{5, 6}, {7, 8}};
inline const Matrix kC{{19, 22}, {43, 50}};

}  // namespace enxame
