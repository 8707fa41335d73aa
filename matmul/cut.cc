#include "matmul/cut.h"

#include <cstring>
#include <utility>

namespace enxame {

MatrixView rows_of(MatrixView matrix, Range rows) {
  return {{rows.size, matrix.cols()}, matrix.data() + rows.begin * matrix.cols()};
}

Matrix columns_of(MatrixView matrix, Range cols) {
  const Shape shape = checked({matrix.rows(), cols.size});
  Matrix::Values values(shape.size());
  copy_columns(elements_of(matrix), matrix.cols() * sizeof(double), cols, sizeof(double),
               reinterpret_cast<char*>(values.data()));
  return {shape, std::move(values)};
}

std::string_view elements_of(MatrixView matrix) {
  return {reinterpret_cast<const char*>(matrix.data()), matrix.shape().size() * sizeof(double)};
}

void copy_columns(std::string_view elements, std::size_t row_bytes, Range cols,
                  std::size_t element_bytes, char* out) {
  const std::size_t piece_bytes = cols.size * element_bytes;
  for (std::size_t at = cols.begin * element_bytes; at < elements.size(); at += row_bytes) {
    std::memcpy(out, elements.data() + at, piece_bytes);
    out += piece_bytes;
  }
}

}  // namespace enxame
