#include "matmul/partition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "matmul/splitmix64.h"

namespace enxame {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Every element lies in exactly one tile, no tile is empty, and blocks differ by one at most.
void expect_sound(const Partition& partition) {
  const Shape c = partition.shape();
  std::vector<std::uint8_t> covered(c.size(), 0);
  Shape least = c;
  Shape most{0, 0};
  for (std::size_t i = 0; i < partition.size(); ++i) {
    const Tile tile = partition.tile(i);
    ASSERT_GT(tile.shape().size(), 0u);
    ASSERT_LE(tile.rows.end(), c.rows);
    ASSERT_LE(tile.cols.end(), c.cols);
    least = {std::min(least.rows, tile.rows.size), std::min(least.cols, tile.cols.size)};
    most = {std::max(most.rows, tile.rows.size), std::max(most.cols, tile.cols.size)};
    for (std::size_t row = tile.rows.begin; row < tile.rows.end(); ++row) {
      for (std::size_t col = tile.cols.begin; col < tile.cols.end(); ++col) {
        ++covered[row * c.cols + col];
      }
    }
    EXPECT_EQ(tile.rows, partition.rows(partition.row_block_of(i)));
    EXPECT_EQ(tile.cols, partition.cols(partition.column_block_of(i)));
  }
  EXPECT_TRUE(std::all_of(covered.begin(), covered.end(), [](auto times) { return times == 1; }));
  EXPECT_LE(most.rows - least.rows, 1u);
  EXPECT_LE(most.cols - least.cols, 1u);
}

/// The most cells, at most `tiles`, of a grid that fits `c`, by trying all.
std::size_t most_cells(Shape c, std::size_t tiles) {
  std::size_t most = 1;
  for (std::size_t rows = 1; rows <= std::min(c.rows, tiles); ++rows) {
    most = std::max(most, rows * std::min(c.cols, tiles / rows));
  }
  return most;
}

TEST(PartitionTest, CoversEveryElementOnceWhateverTheShapeAndTheNumberOfTiles) {
  SplitMix64 random(17);
  const auto up_to = [&](std::size_t most) {
    return 1 + static_cast<std::size_t>(random() % most);
  };
  for (int i = 0; i < 400; ++i) {
    const Shape c{up_to(40), up_to(40)};
    const std::size_t tiles = up_to(60);
    SCOPED_TRACE(to_string(c) + " in " + std::to_string(tiles));
    const Partition rows(c, SplitKind::rows, tiles);
    expect_sound(rows);
    EXPECT_EQ(rows.size(), std::min(tiles, c.rows));
    EXPECT_EQ(rows.column_blocks(), 1u);
    const Partition grid(c, SplitKind::grid, tiles);
    expect_sound(grid);
    EXPECT_EQ(grid.size(), most_cells(c, tiles));
    const Partition none(c, SplitKind::none, tiles);
    EXPECT_EQ(none.size(), 1u);
    EXPECT_EQ(none.tile(0).shape(), c);
  }
}

TEST(PartitionTest, AGridNeedsAsFewElementsOfTheFactorsAsAnyGridOfItsCells) {
  SplitMix64 random(4);
  const auto up_to = [&](std::size_t most) {
    return 1 + static_cast<std::size_t>(random() % most);
  };
  const auto cost = [](Shape c, std::size_t rows, std::size_t cols) {
    return c.rows * cols + c.cols * rows;
  };
  for (int i = 0; i < 200; ++i) {
    const Shape c{up_to(30), up_to(30)};
    const Partition grid(c, SplitKind::grid, up_to(40));
    for (std::size_t rows = 1; rows <= std::min(grid.size(), c.rows); ++rows) {
      const std::size_t cols = grid.size() / rows;
      if (rows * cols != grid.size() || cols > c.cols) continue;
      EXPECT_LE(cost(c, grid.row_blocks(), grid.column_blocks()), cost(c, rows, cols))
          << to_string(c) << " in " << rows << " by " << cols;
    }
  }
}

TEST(PartitionTest, MakesSquareTilesOfASquare) {
  const Partition four({100, 100}, SplitKind::grid, 4);
  EXPECT_EQ(four.row_blocks(), 2u);
  EXPECT_EQ(four.column_blocks(), 2u);
  EXPECT_EQ(four.tile(1), (Tile{{0, 50}, {50, 50}}));
  EXPECT_EQ(four.tile(2), (Tile{{50, 50}, {0, 50}}));
  // A prime number of tiles is a strip of them.
  EXPECT_EQ(Partition({100, 100}, SplitKind::grid, 7).size(), 7u);
}

TEST(PartitionTest, TheFirstBlocksAreTheLongerOnes) {
  const Partition partition({5, 1}, SplitKind::rows, 3);
  EXPECT_EQ(partition.rows(0), (Range{0, 2}));
  EXPECT_EQ(partition.rows(1), (Range{2, 2}));
  EXPECT_EQ(partition.rows(2), (Range{4, 1}));
}

TEST(PartitionTest, NeverMakesMoreTilesThanThereIsToDivide) {
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(Partition({3, 9}, SplitKind::rows, huge).size(), 3u);
  EXPECT_EQ(Partition({3, 9}, SplitKind::grid, huge).size(), 27u);
  EXPECT_EQ(Partition({1, 1}, SplitKind::grid, huge).size(), 1u);
  EXPECT_EQ(Partition({1, kMaxElements}, SplitKind::grid, kMaxElements - 1).size(),
            kMaxElements - 1);
  // 5 × 5 has no grid of 7 cells.
  EXPECT_EQ(Partition({5, 5}, SplitKind::grid, 7).size(), 6u);
}

TEST(PartitionTest, RefusesWhatCannotBeCut) {
  EXPECT_THAT(([] {
                Partition({2, 2}, SplitKind::rows, 0);
              }),
              ThrowsMessage<std::invalid_argument>(HasSubstr("0 tiles, expected 1 or more")));
  EXPECT_THROW(Partition({0, 2}, SplitKind::rows, 1), ShapeError);
}

TEST(SplitKindTest, IsReadBackFromItsName) {
  for (const SplitKind kind : {SplitKind::none, SplitKind::rows, SplitKind::grid}) {
    EXPECT_EQ(parse_split_kind(to_string(kind)), kind);
  }
  EXPECT_THAT([] { parse_split_kind("columns"); },
              ThrowsMessage<std::invalid_argument>(
                  HasSubstr("split \"columns\", expected none, rows or grid")));
}

}  // namespace
}  // namespace enxame
