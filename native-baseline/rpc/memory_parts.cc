#include "native-baseline/rpc/memory_parts.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "wire/operand_cache.h"

namespace enxame::rpc {

namespace {

/// Operands may take this part of the memory, and no more than they do by default.
constexpr std::size_t kOperandsPart = 4;

/// Headers, envelopes, and the first room for a text.
constexpr std::size_t kAroundMessages = std::size_t{16} << 10;

/// How many times a message's bytes its task takes at the most.
std::size_t times_a_message(Transport transport) {
  // The message, its product, and a kept operand or gRPC's copy of the message.
  if (transport != Transport::tcp_text) return 3;
  // A text that moves as it grows (3), its copy (1) and its numbers, of which "1," is the shortest
  // (4); the product's text, twice where it moves (2), and numbers, which have 25 characters (1).
  return 11;
}

}  // namespace

MemoryParts memory_parts(Transport transport, std::size_t max_memory_bytes) {
  switch (transport) {
    case Transport::tcp: {
      const std::size_t operands =
          std::min(wire::OperandCache::kDefaultMaxBytes, max_memory_bytes / kOperandsPart);
      return {.tasks = max_memory_bytes - operands, .operands = operands};
    }
    case Transport::tcp_text:
      return {.tasks = max_memory_bytes};
    case Transport::grpc: {
      // As much for what arrives, since tasks hold what has arrived: they are turned down first.
      const std::size_t arriving = max_memory_bytes / 2;
      return {.tasks = max_memory_bytes - arriving, .arriving = arriving};
    }
  }
  throw std::logic_error("no such transport");
}

std::size_t most_task_bytes(Transport transport, std::size_t max_payload_bytes) {
  const std::size_t countable = std::numeric_limits<std::size_t>::max() / 64;  // also when doubled
  return times_a_message(transport) * std::min(max_payload_bytes, countable) + kAroundMessages;
}

std::size_t most_payload_bytes(Transport transport, std::size_t max_memory_bytes) {
  const std::size_t tasks = memory_parts(transport, max_memory_bytes).tasks;
  return tasks < kAroundMessages ? 0 : (tasks - kAroundMessages) / times_a_message(transport);
}

std::size_t least_memory_bytes(Transport transport, std::size_t max_payload_bytes) {
  const std::size_t task = most_task_bytes(transport, max_payload_bytes);
  switch (transport) {
    case Transport::tcp:
      return task + std::min(wire::OperandCache::kDefaultMaxBytes, task / (kOperandsPart - 1));
    case Transport::tcp_text:
      return task;
    case Transport::grpc:
      return 2 * task;
  }
  throw std::logic_error("no such transport");
}

}  // namespace enxame::rpc
