#pragma once

#include <cstddef>

namespace enxame::coordinator {

/// Room for `more` in a map that hashes, after which insertions do not rehash. Doubled: a
/// reservation to the element would rehash all of them each time. A map that has never had an
/// element rehashes with its first, whatever its bucket_count(). Throws std::bad_alloc.
template <typename Map>
void make_room(Map& map, std::size_t more) {
  const std::size_t needed = map.size() + more;
  if (static_cast<float>(needed) >=
      map.max_load_factor() * static_cast<float>(map.bucket_count())) {
    map.reserve(2 * needed);
  }
}

}  // namespace enxame::coordinator
