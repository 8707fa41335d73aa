#include "wire/digester.h"

#include <gtest/gtest.h>

#include "matmul/cut.h"

namespace enxame::wire {
namespace {

TEST(DigesterTest, TheSameMatrixHasTheSameDigest) {
  const Digester digester;
  const Matrix matrix = random_matrix<double>({30, 40}, 1);
  const Matrix copy = matrix;
  EXPECT_EQ(digester(matrix), digester(copy));
  EXPECT_EQ(digester(rows_of(matrix, {3, 5})), digester(rows_of(copy, {3, 5})));
}

TEST(DigesterTest, EveryElementAndTheShapeCount) {
  const Digester digester;
  Matrix matrix = random_matrix<double>({6, 4}, 1);
  const Digest before = digester(matrix);
  for (double& value : matrix.values()) {
    const double kept = value;
    value += 1;
    EXPECT_NE(digester(matrix), before);
    value = kept;
  }
  EXPECT_EQ(digester(matrix), before);
  EXPECT_NE(digester(MatrixView({4, 6}, matrix.data())), before);
}

TEST(DigesterTest, AnotherSenderCallsItSomethingElse) {
  const Matrix matrix = random_matrix<double>({3, 3}, 1);
  EXPECT_NE(Digester()(matrix), Digester()(matrix));
}

TEST(DigesterTest, PiecesFollowEachOther) {
  const Digester digester;
  EXPECT_EQ(digester({"ab", "c"}), digester({"abc"}));
  EXPECT_NE(digester({"ab"}), digester({"abc"}));
}

}  // namespace
}  // namespace enxame::wire
