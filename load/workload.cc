#include "load/workload.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "matmul/splitmix64.h"

namespace enxame::load {
namespace {

constexpr std::size_t kMostProblems = 8;
constexpr std::size_t kFewestProblems = 2;

/// The order up to which there are as many as can be.
constexpr double kOrder = 1024;

std::size_t problems_of(std::size_t n) {
  const double smaller = kOrder / static_cast<double>(n);
  const double fit = kMostProblems * smaller * smaller * smaller;
  return static_cast<std::size_t>(
      std::clamp<double>(fit, double{kFewestProblems}, double{kMostProblems}));
}

Matrix make_matrix(Shape shape, std::uint64_t seed, Values values) {
  if (values == Values::real) return random_matrix<double>(shape, seed);
  Matrix::Values digits(shape.size());
  SplitMix64 random(seed);
  std::generate(digits.begin(), digits.end(), [&] { return static_cast<double>(random() % 10); });
  return Matrix(shape, std::move(digits));
}

}  // namespace

std::string_view to_string(Values values) {
  switch (values) {
    case Values::real:
      return "real";
    case Values::integer:
      return "integer";
  }
  throw std::logic_error("no such values");
}

Workload::Workload(std::size_t n, std::uint64_t seed, Values values) {
  const Shape shape = checked({n, n});
  const std::size_t problems = problems_of(n);
  problems_.reserve(problems);
  for (std::uint64_t i = 0; i < problems; ++i) {
    const std::uint64_t problem_seed = seed * 2 * kMostProblems + 2 * i;
    problems_.emplace_back(make_matrix(shape, problem_seed, values),
                           make_matrix(shape, problem_seed + 1, values));
  }
}

}  // namespace enxame::load
