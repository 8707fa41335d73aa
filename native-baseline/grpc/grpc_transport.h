#pragma once

#include "native-baseline/rpc/transport.h"

namespace enxame::rpc {

/// "grpc": the binary messages over gRPC (grpc/matmul.proto).
const Transport& grpc_transport();

}  // namespace enxame::rpc
