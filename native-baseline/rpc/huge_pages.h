#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "wire/buffer.h"

namespace enxame::rpc {

/// Spares large memory that nobody has written to yet most of its page faults. Only a wish: nothing
/// is lost where the system does not grant it.
inline void prefer_huge_pages(void* memory, std::size_t bytes) {
  constexpr std::uintptr_t kHugePage = std::uintptr_t{1} << 21;
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t last = (begin + bytes) / kHugePage * kHugePage;
  if (last > first) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

/// The same for a buffer that has just grown.
inline void prefer_huge_pages(wire::Buffer& buffer) {
  prefer_huge_pages(buffer.data(), buffer.size());
}

}  // namespace enxame::rpc
