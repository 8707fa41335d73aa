#include "load/workload.h"

#include <gtest/gtest.h>

#include <set>

namespace enxame::load {
namespace {

TEST(Workload, IsTheSameForTheSameSeed) {
  const Workload first(5, 42);
  const Workload second(5, 42);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first.problem(0, i).a, second.problem(0, i).a);
    EXPECT_EQ(first.problem(0, i).b, second.problem(0, i).b);
  }
}

TEST(Workload, DiffersBetweenSeedsAndProblems) {
  const Workload first(5, 1);
  const Workload second(5, 2);
  EXPECT_NE(first.problem(0, 0).a, second.problem(0, 0).a);
  EXPECT_NE(first.problem(0, 0).a, first.problem(0, 1).a);
  EXPECT_NE(first.problem(0, 0).a, first.problem(0, 0).b);
}

TEST(Workload, KnowsTheProductOfEachProblem) {
  const Workload workload(7, 3);
  const Problem& problem = workload.problem(0, 0);
  Matrix product(7, 7);
  for (std::size_t i = 0; i < 7; ++i) {
    for (std::size_t j = 0; j < 7; ++j) {
      for (std::size_t k = 0; k < 7; ++k) product(i, j) += problem.a(i, k) * problem.b(k, j);
    }
  }
  EXPECT_FALSE(problem.checker.check(product));
  product(6, 0) += 1e-9;
  EXPECT_TRUE(problem.checker.check(product));
}

TEST(Workload, HoldsDigitsWhereTheValuesAreWhole) {
  const Workload workload(9, 3, Values::integer);
  std::set<double> seen;
  for (std::size_t i = 0; i < workload.size(); ++i) {
    for (const Matrix* matrix : {&workload.problem(0, i).a, &workload.problem(0, i).b}) {
      seen.insert(matrix->values().begin(), matrix->values().end());
    }
  }
  EXPECT_EQ(seen, (std::set<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(Workload(9, 3, Values::integer).problem(0, 1).b, workload.problem(0, 1).b);
}

TEST(Workload, HasFewerProblemsWhereReferencesTakeLong) {
  EXPECT_EQ(Workload(64, 1).size(), 8u);
  EXPECT_EQ(Workload(1200, 1).size(), 4u);
}

TEST(Workload, RefusesAnOrderThatNoMatrixCanHave) { EXPECT_THROW(Workload(0, 1), ShapeError); }

}  // namespace
}  // namespace enxame::load
