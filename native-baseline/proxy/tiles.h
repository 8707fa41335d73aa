#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "matmul/matmul.h"
#include "matmul/matrix_view.h"
#include "matmul/partition.h"
#include "matmul/timing/stopwatch.h"
#include "wire/digester.h"

namespace enxame::native {

/// One tile of a split multiplication: rows of A, and B or columns of it, which other tiles need as
/// well.
struct TileTask {
  std::size_t tile;
  MatrixView a;
  MatrixView b;
  wire::Digest b_name;
};

/// What became of one.
struct DeliveredTile {
  Phases phases;
  std::string worker;
  Stopwatch watch;  ///< whose lap began where the last phase ended
};

/// Has a tile computed. `watch` was started with the multiplication: the tile's phases are to begin
/// there. The product's elements, row by row without gaps, go to `place`.
using DeliverTile =
    std::function<DeliveredTile(const TileTask& task, Stopwatch watch,
                                const std::function<void(std::string_view elements)>& place)>;

/// C = A·B, each tile of `partition` delivered by a thread of its own. The phases, and the worker,
/// are those of the tile that ended last, which began with the multiplication like every other;
/// what is left to do after it is part of `collect`, so that they add up. A tile that fails fails
/// the multiplication with its exception once the tiles under way have ended; others are not begun
/// any more. `digester` names what tiles share; with another `salt` it has another name.
Product multiply_in_tiles(const Matrix& a, const Matrix& b, const Partition& partition,
                          const wire::Digester& digester, std::string_view salt, Stopwatch watch,
                          const DeliverTile& deliver);

}  // namespace enxame::native
