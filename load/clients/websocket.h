#pragma once

#include "load/clients/client.h"

namespace enxame::load {

/// "ws": workers of a coordinator, to which the client speaks over WebSocket.
const Client& websocket_client();

}  // namespace enxame::load
