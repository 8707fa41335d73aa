#pragma once

#include <memory>

#include "native-baseline/bench/echo.h"

namespace enxame::native {

/// Bytes through gRPC as they are, with the channel arguments and the kind of call of
/// GrpcConnection.
std::unique_ptr<Echo> open_grpc_echo(const rpc::WorkerAddress& server, Sizes sizes);

/// The same bytes in generated classes, through the blocking stub.
std::unique_ptr<Echo> open_grpc_stub_echo(const rpc::WorkerAddress& server, Sizes sizes);

/// Answers the first. Callback API.
[[noreturn]] void serve_grpc_echo(Sizes sizes);

/// Answers the second, with messages on arenas. Callback API.
[[noreturn]] void serve_grpc_stub_echo(Sizes sizes);

}  // namespace enxame::native
