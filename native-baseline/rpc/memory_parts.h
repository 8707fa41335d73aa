#pragma once

#include <cstddef>

#include "native-baseline/proxy/transport.h"

namespace enxame::rpc {

/// What a worker's memory is divided into. Together the parts are all of it.
struct MemoryParts {
  std::size_t tasks = 0;     ///< messages, and products
  std::size_t operands = 0;  ///< that are kept ahead of their tasks: tcp
  std::size_t arriving = 0;  ///< what gRPC itself holds, of messages that no task has yet: grpc
};

/// How a worker divides `max_memory_bytes`.
MemoryParts memory_parts(Transport transport, std::size_t max_memory_bytes);

/// The most that one task takes of `MemoryParts::tasks` when its message and its product have as
/// many bytes as they may.
std::size_t most_task_bytes(Transport transport, std::size_t max_payload_bytes);

/// The largest message whose task has room, alone, in that much memory; 0: none.
std::size_t most_payload_bytes(Transport transport, std::size_t max_memory_bytes);

/// The least memory in which the task of such a message has room, alone.
std::size_t least_memory_bytes(Transport transport, std::size_t max_payload_bytes);

}  // namespace enxame::rpc
