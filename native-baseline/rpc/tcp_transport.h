#pragma once

#include "native-baseline/rpc/transport.h"

namespace enxame::rpc {

/// "tcp": binary messages over a persistent connection (wire/message.h).
const Transport& tcp_transport();

}  // namespace enxame::rpc
