#pragma once

#include <string>
#include <vector>

#include "matmul/matrix.h"

namespace enxame::app {

/// The matrix as it fits on a page: whole up to 6 × 6; of larger ones the first four rows and
/// columns and the last, "…" standing for those between. Values are rounded to six significant
/// digits.
std::vector<std::vector<std::string>> preview(const Matrix& matrix);

}  // namespace enxame::app
