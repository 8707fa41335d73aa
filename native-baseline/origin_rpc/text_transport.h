#pragma once

#include "native-baseline/rpc/transport.h"

namespace enxame::rpc {

/// "tcp-text": the original system's, a connection for each call and JSON text
/// (origin_rpc/text_wire.h).
const Transport& text_transport();

}  // namespace enxame::rpc
