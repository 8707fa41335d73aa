#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace enxame {

/// The number of rows and columns of a matrix.
struct Shape {
  std::size_t rows;
  std::size_t cols;

  /// Number of elements. Cannot overflow in a shape that has been checked().
  std::size_t size() const { return rows * cols; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

/// "2 × 3".
std::string to_string(Shape shape);

/// A shape that no matrix can have, or two shapes that do not go together. The message names them.
class ShapeError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The most elements one matrix may hold: 2^28, 2 GiB of f64. Larger shapes are refused before
/// memory is asked for.
inline constexpr std::size_t kMaxElements = std::size_t{1} << 28;

/// Returns `shape` when a matrix can have it: at least 1 × 1 and at most kMaxElements; throws
/// ShapeError otherwise.
Shape checked(Shape shape);

/// Throws ShapeError, naming both shapes, unless a product of `a` (m × k) and `b` (k × n) exists.
/// Returns its shape, m × n.
Shape product_shape(Shape a, Shape b);

/// Throws ShapeError, naming both, unless a product has the shape that it should have.
void expect_product_shape(Shape actual, Shape expected);

namespace internal {

/// Allocates on cache-line (and vector) boundaries, and leaves elements that are given no value
/// uninitialised: whoever fills a large buffer should not pay for zeros first.
template <typename T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  AlignedAllocator() = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT(google-explicit-constructor): rebinding

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kAlignment); }
  template <typename U>
  void construct(U* p) {
    ::new (static_cast<void*>(p)) U;
  }
  friend bool operator==(AlignedAllocator, AlignedAllocator) { return true; }
};

}  // namespace internal

/// An owning, dense, row-major matrix of f64 (`double`) or f32 (`float`), 64-byte aligned. Its
/// shape is checked where it is made and its storage always holds exactly rows × cols elements;
/// only a moved-from matrix is empty (0 × 0).
template <typename T>
class MatrixOf {
 public:
  using value_type = T;
  /// Aligned storage. `Values(n)` holds n uninitialised elements, for a producer that writes them
  /// all.
  using Values = std::vector<T, internal::AlignedAllocator<T>>;

  /// All zeros. Throws ShapeError for a shape that no matrix can have.
  explicit MatrixOf(Shape shape) : shape_(checked(shape)), values_(shape.size(), T{}) {}
  MatrixOf(std::size_t rows, std::size_t cols) : MatrixOf(Shape{rows, cols}) {}

  /// From rows, all of the same length; throws ShapeError otherwise.
  MatrixOf(std::initializer_list<std::initializer_list<T>> rows);

  /// Takes over `values`, row by row; throws ShapeError unless there are exactly rows × cols of
  /// them.
  MatrixOf(Shape shape, Values values);

  MatrixOf(const MatrixOf&) = default;
  MatrixOf& operator=(const MatrixOf&) = default;
  MatrixOf(MatrixOf&& other) noexcept;
  MatrixOf& operator=(MatrixOf&& other) noexcept;
  ~MatrixOf() = default;

  Shape shape() const { return shape_; }
  std::size_t rows() const { return shape_.rows; }
  std::size_t cols() const { return shape_.cols; }

  /// The element in row `i`, column `j`; neither index is checked.
  T& operator()(std::size_t i, std::size_t j) { return values_[i * shape_.cols + j]; }
  const T& operator()(std::size_t i, std::size_t j) const { return values_[i * shape_.cols + j]; }

  /// All elements, row by row.
  std::span<T> values() { return values_; }
  std::span<const T> values() const { return values_; }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }

  friend bool operator==(const MatrixOf&, const MatrixOf&) = default;

 private:
  Shape shape_;
  Values values_;
};

using Matrix = MatrixOf<double>;
using MatrixF32 = MatrixOf<float>;

extern template class MatrixOf<double>;
extern template class MatrixOf<float>;

/// A matrix of values drawn uniformly from [-1, 1), the same for the same seed on every platform.
template <typename T>
MatrixOf<T> random_matrix(Shape shape, std::uint64_t seed);

}  // namespace enxame
