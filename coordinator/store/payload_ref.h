#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace enxame::coordinator {

/// Names a payload of a PayloadStore: operands, those of a tile, or a product.
struct PayloadRef {
  std::uint64_t key = 0;  ///< 0: none
  std::size_t bytes = 0;  ///< what it takes; a tile's are counted with its task's
  std::optional<std::size_t> tile{};

  explicit operator bool() const { return key != 0; }
  friend bool operator==(const PayloadRef&, const PayloadRef&) = default;
};

}  // namespace enxame::coordinator
