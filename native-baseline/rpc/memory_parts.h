#pragma once

#include <cstddef>
#include <limits>

namespace enxame::rpc {

/// What a worker's memory is divided into. Together the parts are all of it.
struct MemoryParts {
  std::size_t tasks = 0;     ///< messages, and products
  std::size_t operands = 0;  ///< that are kept ahead of their tasks
  std::size_t arriving = 0;  ///< messages that no task has yet, held by a library
};

/// How a server divides its memory between tasks and at most one other part, and what one task
/// takes of it.
struct MemoryDivision {
  /// How many times a message's bytes its task takes at the most.
  std::size_t times_a_message;
  /// The part that is not for tasks; null where all of the memory is.
  std::size_t MemoryParts::*reserved = nullptr;
  /// Of how many equal parts the reserved one is one; 2 or more.
  std::size_t one_in = 2;
  /// What the reserved part takes at the most, in bytes.
  std::size_t most_reserved = std::numeric_limits<std::size_t>::max();

  /// What becomes of so much memory.
  MemoryParts parts(std::size_t max_memory_bytes) const;

  /// The most that one task takes of MemoryParts::tasks when its message and its product have as
  /// many bytes as they may.
  std::size_t most_task_bytes(std::size_t max_payload_bytes) const;

  /// The largest message whose task has room, alone, in that much memory; 0: none.
  std::size_t most_payload_bytes(std::size_t max_memory_bytes) const;

  /// The least memory in which the task of such a message has room, alone.
  std::size_t least_memory_bytes(std::size_t max_payload_bytes) const;
};

}  // namespace enxame::rpc
