#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <vector>

#include "matmul/partition.h"

namespace enxame {

/// Puts a product together, in place, from the tiles of its partition. They come in any order, from
/// any thread, and as often as they like: the first copy of a tile is taken, others change nothing.
class Assembly {
 public:
  /// `c` is the memory of the product, row by row, which has to outlive this; `element_bytes` the
  /// size of one element of it.
  Assembly(const Partition& partition, std::size_t element_bytes, char* c);
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;

  /// Copies tile `i`, row by row without gaps, to its place and returns true; returns false when it
  /// is there already. Either way it is in its place when this returns. Throws ShapeError when
  /// `elements` are not as many bytes as the tile has.
  bool place(std::size_t i, std::string_view elements);

  /// Whether every tile is in its place.
  bool is_whole() const;

 private:
  enum class State : char { missing, coming, placed };

  bool take(std::size_t i);

  const Partition partition_;
  const std::size_t element_bytes_;
  char* const c_;
  mutable std::mutex mutex_;
  std::condition_variable placed_;
  std::vector<State> states_;
  std::size_t missing_;
};

}  // namespace enxame
