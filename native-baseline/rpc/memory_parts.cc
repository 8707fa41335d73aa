#include "native-baseline/rpc/memory_parts.h"

#include <algorithm>

namespace enxame::rpc {

namespace {

/// Headers, envelopes, and the first room for a text.
constexpr std::size_t kAroundMessages = std::size_t{16} << 10;

}  // namespace

MemoryParts MemoryDivision::parts(std::size_t max_memory_bytes) const {
  MemoryParts parts{.tasks = max_memory_bytes};
  if (reserved != nullptr) {
    parts.*reserved = std::min(most_reserved, max_memory_bytes / one_in);
    parts.tasks -= parts.*reserved;
  }
  return parts;
}

std::size_t MemoryDivision::most_task_bytes(std::size_t max_payload_bytes) const {
  const std::size_t countable = std::numeric_limits<std::size_t>::max() / 64;  // also when doubled
  return times_a_message * std::min(max_payload_bytes, countable) + kAroundMessages;
}

std::size_t MemoryDivision::most_payload_bytes(std::size_t max_memory_bytes) const {
  const std::size_t tasks = parts(max_memory_bytes).tasks;
  return tasks < kAroundMessages ? 0 : (tasks - kAroundMessages) / times_a_message;
}

std::size_t MemoryDivision::least_memory_bytes(std::size_t max_payload_bytes) const {
  const std::size_t task = most_task_bytes(max_payload_bytes);
  if (reserved == nullptr) return task;
  return task + std::min(most_reserved, task / (one_in - 1));
}

}  // namespace enxame::rpc
