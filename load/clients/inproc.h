#pragma once

#include "load/clients/client.h"

namespace enxame::load {

/// "inproc": threads of this process.
const Client& inproc_client();

}  // namespace enxame::load
