#include "matmul/partition.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>

namespace enxame {
namespace {

struct Grid {
  std::size_t rows;
  std::size_t cols;
};

/// The grid of at most `tiles` cells, at most one for each element of `c`, that has the most cells
/// and, of those, whose cells need the fewest elements of A and B together. A cell needs k·m/rows
/// of A and k·n/cols of B; over all cells that is k·(m·cols + n·rows).
Grid best_grid(Shape c, std::size_t tiles) {
  Grid best{1, 1};
  const auto rank = [&](Grid grid) {
    return std::tuple(grid.rows * grid.cols, -static_cast<double>(c.rows * grid.cols) -
                                                 static_cast<double>(c.cols * grid.rows));
  };
  const auto consider = [&](std::size_t rows, std::size_t cols) {
    if (rows <= c.rows && cols <= c.cols && rank({rows, cols}) > rank(best)) best = {rows, cols};
  };
  // The smaller side of the best grid is at most the root of its cells.
  for (std::size_t side = 1; side <= tiles / side; ++side) {
    consider(side, std::min(c.cols, tiles / side));
    consider(std::min(c.rows, tiles / side), side);
  }
  return best;
}

/// The `i`th of `blocks` blocks of 0 … size − 1, of which the first ones may have one more.
Range block(std::size_t size, std::size_t blocks, std::size_t i) {
  const std::size_t longer = size % blocks;
  return {i * (size / blocks) + std::min(i, longer), size / blocks + (i < longer ? 1 : 0)};
}

}  // namespace

std::string_view to_string(SplitKind kind) {
  switch (kind) {
    case SplitKind::none:
      return "none";
    case SplitKind::rows:
      return "rows";
    case SplitKind::grid:
      break;
  }
  return "grid";
}

SplitKind parse_split_kind(std::string_view name) {
  for (const SplitKind kind : {SplitKind::none, SplitKind::rows, SplitKind::grid}) {
    if (name == to_string(kind)) return kind;
  }
  throw std::invalid_argument("split \"" + std::string(name) + "\", expected none, rows or grid");
}

Partition::Partition(Shape c, SplitKind kind, std::size_t tiles) : c_(checked(c)) {
  if (tiles == 0) throw std::invalid_argument("a partition into 0 tiles, expected 1 or more");
  switch (kind) {
    case SplitKind::none:
      break;
    case SplitKind::rows:
      row_blocks_ = std::min(tiles, c.rows);
      break;
    case SplitKind::grid:
      const Grid grid = best_grid(c, std::min(tiles, c.size()));
      row_blocks_ = grid.rows;
      column_blocks_ = grid.cols;
      break;
  }
}

Range Partition::rows(std::size_t row_block) const {
  return block(c_.rows, row_blocks_, row_block);
}

Range Partition::cols(std::size_t column_block) const {
  return block(c_.cols, column_blocks_, column_block);
}

}  // namespace enxame
