#pragma once

#include "matmul/matrix.h"

namespace enxame {

/// A dense, row-major matrix whose values lie somewhere else: in a Matrix, or in the bytes of a
/// frame that was received. Whoever owns them must outlive it. Its shape has been checked.
template <typename T>
class MatrixViewOf {
 public:
  MatrixViewOf(Shape shape, const T* values) : shape_(shape), values_(values) {}
  MatrixViewOf(const MatrixOf<T>& matrix)  // NOLINT(google-explicit-constructor): is one, seen
      : MatrixViewOf(matrix.shape(), matrix.data()) {}

  Shape shape() const { return shape_; }
  std::size_t rows() const { return shape_.rows; }
  std::size_t cols() const { return shape_.cols; }
  const T* data() const { return values_; }

  /// The element in row `i`, column `j`; neither index is checked.
  const T& operator()(std::size_t i, std::size_t j) const { return values_[i * shape_.cols + j]; }

 private:
  Shape shape_;
  const T* values_;
};

using MatrixView = MatrixViewOf<double>;

}  // namespace enxame
