#pragma once

#include <span>

#include "load/clients/client.h"

namespace enxame::load {

/// Native workers that are called directly: a client for each of native::transports(), whose name
/// it has.
std::span<const Client* const> rpc_clients();

}  // namespace enxame::load
