#pragma once

#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>

#include <cstddef>

namespace enxame::rpc {

/// What a channel and a server of gRPC share, chosen with bench/rpc_bench.
grpc::ChannelArguments channel_arguments(std::size_t max_payload_bytes);

/// The same for a server.
void apply_channel_options(grpc::ServerBuilder& builder, std::size_t max_payload_bytes);

}  // namespace enxame::rpc
