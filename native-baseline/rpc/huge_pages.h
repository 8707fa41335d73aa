#pragma once

#include <sys/mman.h>

#include <cstdint>

#include "matmul/buffer.h"

namespace enxame::rpc {

/// Spares a large buffer that has just grown most of its page faults. Only a wish: nothing is lost
/// where the system does not grant it.
inline void prefer_huge_pages(Buffer& buffer) {
  constexpr std::uintptr_t kHugePage = std::uintptr_t{1} << 21;
  const auto begin = reinterpret_cast<std::uintptr_t>(buffer.data());
  const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t end = begin + buffer.size();
  if (end < first + kHugePage) return;
  ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace enxame::rpc
