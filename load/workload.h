#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "matmul/matrix.h"
#include "matmul/product_check.h"

namespace enxame::load {

/// What matrices hold.
enum class Values {
  real,     ///< numbers of [-1, 1)
  integer,  ///< whole numbers from 0 to 9, as the original system's
};

/// "real" or "integer".
std::string_view to_string(Values values);

/// One multiplication whose product is known beforehand.
struct Problem {
  Problem(Matrix left, Matrix right) : a(std::move(left)), b(std::move(right)), checker(a, b) {}

  Matrix a;
  Matrix b;
  ProductChecker<double> checker;
};

/// The multiplications of a trial: a fixed set of n × n problems of random values, cycled through
/// by every client from a place of its own. The same (n, seed, values) makes the same problems, so
/// every system of an experiment is given the same work.
class Workload {
 public:
  /// Makes the problems and their reference products: eight, and fewer, but two at least, where
  /// these would take longer than eight of order 1024. Throws ShapeError for an order that no
  /// matrix can have.
  Workload(std::size_t n, std::uint64_t seed, Values values = Values::real);

  /// The problem of request number `request` of client `client`, both counted from 0.
  const Problem& problem(std::size_t client, std::size_t request) const {
    return problems_[(client * kStride + request) % problems_.size()];
  }

  /// The problem of arrival number `arrival` of an open loop, whoever submits it.
  const Problem& problem(std::uint64_t arrival) const {
    return problems_[arrival % problems_.size()];
  }

  std::size_t size() const { return problems_.size(); }

 private:
  static constexpr std::size_t kStride =
      3;  // so that clients that start together do not send the same problem

  std::vector<Problem> problems_;
};

}  // namespace enxame::load
