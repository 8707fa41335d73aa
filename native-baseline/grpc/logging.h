#pragma once

namespace enxame::rpc {

/// Keeps gRPC from writing to stderr by itself: what goes wrong comes back as errors, which are
/// reported once, by whoever was told. Concerns the whole process; may be called many times.
void keep_grpc_quiet();

}  // namespace enxame::rpc
