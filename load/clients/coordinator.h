#pragma once

#include "cli/flags.h"
#include "load/clients/client.h"

namespace enxame::load {

// What the clients of a coordinator share.

/// Throws cli::UsageError when no coordinator is given.
inline void require_coordinator(const SystemOptions& options) {
  if (!options.coordinator.empty()) return;
  throw cli::UsageError("--transport " + std::string(to_string(options.client)) +
                        " needs --coordinator, such as http://127.0.0.1:8080");
}

/// How the coordinator is to split each multiplication.
inline coordinator::Split split_by_coordinator(const SystemOptions& options) {
  return {.kind = options.split, .tiles = options.workers, .reuse = kReuseOperands};
}

}  // namespace enxame::load
