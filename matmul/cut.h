#pragma once

#include <cstddef>
#include <string_view>

#include "matmul/matrix.h"
#include "matmul/matrix_view.h"
#include "matmul/partition.h"

namespace enxame {

/// Those rows of `matrix`, where they lie.
MatrixView rows_of(MatrixView matrix, Range rows);

/// A copy of those columns of `matrix`.
Matrix columns_of(MatrixView matrix, Range cols);

/// The elements of `matrix`, row by row, as bytes.
std::string_view elements_of(MatrixView matrix);

/// Copies the columns `cols` of rows that are `row_bytes` long and follow each other in `elements`
/// to `out`, row by row without gaps; `element_bytes` is the size of one element.
void copy_columns(std::string_view elements, std::size_t row_bytes, Range cols,
                  std::size_t element_bytes, char* out);

}  // namespace enxame
