#pragma once

#include <span>

#include "load/clients/client.h"

namespace enxame::load {

/// The clients of this program, from which its flags are made: one more is a file of its own and a
/// line in clients.cc.
std::span<const Client* const> clients();

}  // namespace enxame::load
