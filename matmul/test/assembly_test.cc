#include "matmul/assembly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "matmul/cut.h"
#include "matmul/kernel.h"

namespace enxame {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

char* bytes_of(Matrix& matrix) { return reinterpret_cast<char*>(matrix.data()); }

/// The product of what tile `i` needs of the factors.
Matrix tile_of(const Matrix& a, const Matrix& b, const Partition& partition, std::size_t i) {
  const Tile tile = partition.tile(i);
  const Matrix b_columns = columns_of(b, tile.cols);
  const MatrixView rows = rows_of(a, tile.rows);
  Matrix a_rows(rows.shape());
  std::copy(rows.data(), rows.data() + rows.shape().size(), a_rows.data());
  return multiply(a_rows, b_columns, Kernel::naive);
}

TEST(AssemblyTest, TilesInAnyOrderAndMoreThanOnceMakeTheProduct) {
  std::mt19937_64 random(3);
  const auto up_to = [&](std::size_t most) {
    return 1 + static_cast<std::size_t>(random() % most);
  };
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Matrix a = random_matrix<double>({up_to(12), up_to(6)}, i);
    const Matrix b = random_matrix<double>({a.cols(), up_to(12)}, i + 1000);
    const SplitKind kind = i % 2 == 0 ? SplitKind::rows : SplitKind::grid;
    const Partition partition({a.rows(), b.cols()}, kind, up_to(9));
    std::vector<std::size_t> order(partition.size());
    std::iota(order.begin(), order.end(), 0);
    order.insert(order.end(), order.begin(), order.end());  // each twice
    std::shuffle(order.begin(), order.end(), random);

    Matrix c(partition.shape());
    Assembly assembly(partition, sizeof(double), bytes_of(c));
    std::vector<bool> seen(partition.size(), false);
    for (const std::size_t tile : order) {
      Matrix product = tile_of(a, b, partition, tile);
      // A second copy changes nothing, even if it says something else.
      if (seen[tile]) std::fill(product.values().begin(), product.values().end(), -1);
      EXPECT_EQ(assembly.place(tile, elements_of(product)), !seen[tile]);
      seen[tile] = true;
      EXPECT_EQ(assembly.is_whole(), std::find(seen.begin(), seen.end(), false) == seen.end());
    }
    // The same kernel on the same rows and columns: not only nearly so.
    EXPECT_EQ(c, multiply(a, b, Kernel::naive));
  }
}

#ifndef __EMSCRIPTEN__  // which has no threads here
TEST(AssemblyTest, TakesTilesFromManyThreads) {
  const Partition partition({64, 64}, SplitKind::grid, 16);
  Matrix c(partition.shape());
  Assembly assembly(partition, sizeof(double), bytes_of(c));
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < partition.size(); ++i) {
        Matrix tile(partition.tile(i).shape());
        std::fill(tile.values().begin(), tile.values().end(), static_cast<double>(i + 1));
        if (assembly.place(i, elements_of(tile))) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 16);
  EXPECT_TRUE(assembly.is_whole());
  EXPECT_EQ(c(0, 0), 1);
  EXPECT_EQ(c(63, 63), 16);
}
#endif

TEST(AssemblyTest, RefusesATileOfAnotherSize) {
  const Partition partition({2, 2}, SplitKind::rows, 2);
  Matrix c(partition.shape());
  Assembly assembly(partition, sizeof(double), bytes_of(c));
  EXPECT_THAT(
      [&] { assembly.place(1, std::string(8, '\0')); },
      ThrowsMessage<ShapeError>(HasSubstr("tile 1 of 1 × 2 comes as 8 bytes, expected 16")));
  EXPECT_FALSE(assembly.is_whole());
}

TEST(CutTest, RowsLieWhereTheyWereAndColumnsAreCopied) {
  const Matrix matrix{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  const MatrixView rows = rows_of(matrix, {1, 2});
  EXPECT_EQ(rows.shape(), (Shape{2, 3}));
  EXPECT_EQ(rows.data(), matrix.data() + 3);
  EXPECT_EQ(columns_of(matrix, {1, 2}), (Matrix{{2, 3}, {5, 6}, {8, 9}}));
  EXPECT_EQ(columns_of(rows, {0, 1}), (Matrix{{4}, {7}}));
}

}  // namespace
}  // namespace enxame
