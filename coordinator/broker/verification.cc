#include "coordinator/broker/verification.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include "coordinator/store/frame_view.h"
#include "coordinator/store/split_operands.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"

namespace enxame::coordinator {

namespace {

/// A matrix where it lies in a frame, or as it was decoded.
class Seen {
 public:
  /// Of f64, which all frames are that the coordinator keeps. What is allocated for strings and
  /// stands behind headers of 64 bytes is aligned for doubles.
  explicit Seen(const FrameView& frame)
      : view_(frame.header.shape, reinterpret_cast<const double*>(frame.elements.data())) {}
  explicit Seen(Matrix decoded) : decoded_(std::move(decoded)), view_(*decoded_) {}
  Seen(const Seen&) = delete;
  Seen& operator=(const Seen&) = delete;

  MatrixView view() const { return view_; }

 private:
  const std::optional<Matrix> decoded_;
  const MatrixView view_;
};

/// Also of a product that nobody has checked.
Seen seen(const Result& product) {
  if (product.codec == Codec::json) return Seen(decode_text<double>(product.wire));
  const FrameView frame = view_frame(product.wire);
  expect_f64_product(frame);
  return Seen(frame);
}

/// Does `act` with the matrices of a task.
template <typename Act>
auto with_matrices(const Operands& operands, const Act& act) {
  if (const auto& tile = operands.tile) {
    return act(Seen(tile->whole->a(tile->tile)),
               Seen(view_frame(tile->whole->b_frame(tile->tile))));
  }
  const std::string decoded = operands.codec == Codec::json ? to_frames(operands) : std::string();
  std::string_view rest = operands.codec == Codec::json ? decoded : operands.wire;
  const FrameView a = take_frame_view(rest);
  return act(Seen(a), Seen(view_frame(rest)));
}

double largest(MatrixView matrix) {
  double most = 0;
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t j = 0; j < matrix.cols(); ++j) most = std::max(most, std::abs(matrix(i, j)));
  }
  return most;
}

std::string in_digits(double value) {
  std::array<char, 32> buffer;
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

}  // namespace

std::optional<WrongRow> find_wrong_row(const ProductVerifier& verifier, const Operands& operands,
                                       const Result& product) {
  return with_matrices(operands, [&](const Seen& a, const Seen& b) {
    return verifier.find_wrong_row(a.view(), b.view(), seen(product).view());
  });
}

bool can_overflow(const Operands& operands) {
  return with_matrices(operands, [](const Seen& a, const Seen& b) {
    const long double most_of_a_sum = static_cast<long double>(largest(a.view())) *
                                      largest(b.view()) * static_cast<long double>(a.view().cols());
    // Rounding adds less than the same again.
    return most_of_a_sum >= std::numeric_limits<double>::max() / 2;
  });
}

std::optional<std::string> difference(const Result& first, const Result& second) {
  if (first.codec == second.codec && first.wire == second.wire) return std::nullopt;
  const Seen of_first = seen(first);
  const Seen of_second = seen(second);
  const MatrixView a = of_first.view();
  const MatrixView b = of_second.view();
  if (a.shape() != b.shape()) {
    return "the first is " + to_string(a.shape()) + ", the second " + to_string(b.shape());
  }
  double most = 0;
  std::size_t row = 0;
  std::size_t column = 0;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j < a.cols(); ++j) {
      double apart = std::abs(a(i, j) - b(i, j));
      if (std::isnan(apart)) apart = std::numeric_limits<double>::infinity();
      if (apart <= most) continue;
      most = apart;
      row = i;
      column = j;
    }
  }
  if (most == 0) return std::nullopt;
  return "row " + std::to_string(row + 1) + ", column " + std::to_string(column + 1) + " is " +
         in_digits(a(row, column)) + " in the first and " + in_digits(b(row, column)) +
         " in the second";
}

}  // namespace enxame::coordinator
