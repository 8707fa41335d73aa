#include "matmul/matrix.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "matmul/splitmix64.h"

namespace enxame {

std::string to_string(Shape shape) {
  return std::to_string(shape.rows) + " × " + std::to_string(shape.cols);
}

Shape checked(Shape shape) {
  if (shape.rows == 0 || shape.cols == 0) {
    throw ShapeError("a matrix cannot be " + to_string(shape) + ": expected at least 1 × 1");
  }
  // Divided, not multiplied: the product of two hostile sizes wraps around.
  if (shape.rows > kMaxElements / shape.cols) {
    throw ShapeError("a matrix of " + to_string(shape) + " is too large: expected at most " +
                     std::to_string(kMaxElements) + " elements");
  }
  return shape;
}

Shape product_shape(Shape a, Shape b) {
  if (a.cols != b.rows) {
    throw ShapeError("cannot multiply " + to_string(a) + " by " + to_string(b) +
                     ": expected as many rows on the right as columns on the left");
  }
  return checked({a.rows, b.cols});
}

void expect_product_shape(Shape actual, Shape expected) {
  if (actual == expected) return;
  throw ShapeError("the product is " + to_string(actual) + ", expected " + to_string(expected));
}

namespace {

template <typename T>
Shape shape_of(std::initializer_list<std::initializer_list<T>> rows) {
  const Shape shape = checked({rows.size(), rows.size() == 0 ? 0 : rows.begin()->size()});
  std::size_t i = 0;
  for (const auto& row : rows) {
    if (row.size() != shape.cols) {
      throw ShapeError("row " + std::to_string(i) + " has " + std::to_string(row.size()) +
                       " elements, expected " + std::to_string(shape.cols) + " as in row 0");
    }
    ++i;
  }
  return shape;
}

}  // namespace

template <typename T>
MatrixOf<T>::MatrixOf(std::initializer_list<std::initializer_list<T>> rows)
    : shape_(shape_of(rows)) {
  values_.reserve(shape_.size());
  for (const auto& row : rows) values_.insert(values_.end(), row.begin(), row.end());
}

template <typename T>
MatrixOf<T>::MatrixOf(Shape shape, Values values)
    : shape_(checked(shape)), values_(std::move(values)) {
  if (values_.size() != shape_.size()) {
    throw ShapeError(std::to_string(values_.size()) + " values for a matrix of " +
                     to_string(shape_) + ", expected " + std::to_string(shape_.size()));
  }
}

template <typename T>
MatrixOf<T>::MatrixOf(MatrixOf&& other) noexcept
    : shape_(std::exchange(other.shape_, Shape{0, 0})), values_(std::move(other.values_)) {
  other.values_.clear();
}

template <typename T>
MatrixOf<T>& MatrixOf<T>::operator=(MatrixOf&& other) noexcept {
  if (this != &other) {
    shape_ = std::exchange(other.shape_, Shape{0, 0});
    values_ = std::move(other.values_);
    other.values_.clear();
  }
  return *this;
}

template class MatrixOf<double>;
template class MatrixOf<float>;

template <typename T>
MatrixOf<T> random_matrix(Shape shape, std::uint64_t seed) {
  // As many random bits as T's significand holds, so that every step below is exact.
  constexpr int kBits = std::numeric_limits<T>::digits;
  constexpr T kStep = T{2} / static_cast<T>(std::uint64_t{1} << kBits);
  typename MatrixOf<T>::Values values(checked(shape).size());
  SplitMix64 random(seed);
  std::generate(values.begin(), values.end(),
                [&] { return static_cast<T>(random() >> (64 - kBits)) * kStep - T{1}; });
  return MatrixOf<T>(shape, std::move(values));
}

template MatrixOf<double> random_matrix<double>(Shape, std::uint64_t);
template MatrixOf<float> random_matrix<float>(Shape, std::uint64_t);

}  // namespace enxame
