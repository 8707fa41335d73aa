#pragma once

#include <cstddef>
#include <string_view>

#include "matmul/matrix.h"

namespace enxame {

/// How one multiplication is divided among workers.
enum class SplitKind {
  none,  ///< not at all: one tile
  rows,  ///< blocks of whole rows of C; every tile needs all of B
  grid,  ///< a grid of rectangles of C; a tile needs some rows of A and some columns of B
};

/// "none", "rows" or "grid".
std::string_view to_string(SplitKind kind);

/// The kind of that name. Throws std::invalid_argument, quoting the name, when there is none.
SplitKind parse_split_kind(std::string_view name);

/// The numbers from `begin` on, `size` of them.
struct Range {
  std::size_t begin;
  std::size_t size;

  std::size_t end() const { return begin + size; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// A rectangle of C: rows × cols of it.
struct Tile {
  Range rows;
  Range cols;

  Shape shape() const { return {rows.size, cols.size}; }
  friend bool operator==(const Tile&, const Tile&) = default;
};

/// C = A·B cut into tiles, each the product of some rows of A and some columns of B, the inner
/// dimension whole: every element of C lies in exactly one tile and no tile is empty. The tiles
/// are the cells of a grid of row blocks and column blocks, and two blocks differ by one row, or
/// one column, at most.
///
/// There are as many tiles as were asked for, or, where C has too few rows (`rows`), or no grid of
/// so many cells fits it (`grid`), the largest possible number below. Of the grids of equally many
/// cells it is the one whose tiles need the fewest elements of A and B together.
class Partition {
 public:
  /// Throws ShapeError when no matrix is of shape `c`, std::invalid_argument when `tiles` is 0.
  Partition(Shape c, SplitKind kind, std::size_t tiles);

  Shape shape() const { return c_; }
  std::size_t row_blocks() const { return row_blocks_; }
  std::size_t column_blocks() const { return column_blocks_; }

  /// How many tiles there are.
  std::size_t size() const { return row_blocks_ * column_blocks_; }

  /// The block of A's rows and of B's columns that tile `i` (below size()) is the product of.
  /// Tiles are numbered row by row.
  std::size_t row_block_of(std::size_t i) const { return i / column_blocks_; }
  std::size_t column_block_of(std::size_t i) const { return i % column_blocks_; }

  Range rows(std::size_t row_block) const;
  Range cols(std::size_t column_block) const;
  Tile tile(std::size_t i) const { return {rows(row_block_of(i)), cols(column_block_of(i))}; }

 private:
  Shape c_;
  std::size_t row_blocks_ = 1;
  std::size_t column_blocks_ = 1;
};

}  // namespace enxame
