#include "harness/load/workload.h"

namespace enxame::load {
namespace {

constexpr std::size_t kProblems = 8;

}  // namespace

Workload::Workload(std::size_t n, std::uint64_t seed) {
  const Shape shape = checked({n, n});
  problems_.reserve(kProblems);
  for (std::uint64_t i = 0; i < kProblems; ++i) {
    const std::uint64_t problem_seed = seed * 2 * kProblems + 2 * i;
    problems_.emplace_back(random_matrix<double>(shape, problem_seed),
                           random_matrix<double>(shape, problem_seed + 1));
  }
}

}  // namespace enxame::load
