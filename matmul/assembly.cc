#include "matmul/assembly.h"

#include <cstring>
#include <string>

namespace enxame {

Assembly::Assembly(const Partition& partition, std::size_t element_bytes, char* c)
    : partition_(partition),
      element_bytes_(element_bytes),
      c_(c),
      states_(partition.size(), State::missing),
      missing_(partition.size()) {}

bool Assembly::place(std::size_t i, std::string_view elements) {
  const Tile tile = partition_.tile(i);
  if (const std::size_t expected = tile.shape().size() * element_bytes_;
      elements.size() != expected) {
    throw ShapeError("tile " + std::to_string(i) + " of " + to_string(tile.shape()) + " comes as " +
                     std::to_string(elements.size()) + " bytes, expected " +
                     std::to_string(expected));
  }
  if (!take(i)) return false;
  const std::size_t row_bytes = partition_.shape().cols * element_bytes_;
  const std::size_t piece_bytes = tile.cols.size * element_bytes_;
  char* to = c_ + tile.rows.begin * row_bytes + tile.cols.begin * element_bytes_;
  if (piece_bytes == row_bytes) {
    std::memcpy(to, elements.data(), elements.size());
  } else {
    for (std::size_t at = 0; at < elements.size(); at += piece_bytes, to += row_bytes) {
      std::memcpy(to, elements.data() + at, piece_bytes);
    }
  }
  const std::lock_guard lock(mutex_);
  states_[i] = State::placed;
  --missing_;
  placed_.notify_all();
  return true;
}

/// Whether the caller is the first to bring tile `i`; otherwise waits until it is in its place.
bool Assembly::take(std::size_t i) {
  std::unique_lock lock(mutex_);
  if (states_[i] == State::missing) {
    states_[i] = State::coming;
    return true;
  }
  placed_.wait(lock, [&] { return states_[i] == State::placed; });
  return false;
}

bool Assembly::is_whole() const {
  const std::lock_guard lock(mutex_);
  return missing_ == 0;
}

}  // namespace enxame
