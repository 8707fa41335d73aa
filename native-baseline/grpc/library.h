#pragma once

namespace enxame::rpc {

/// Readies gRPC for this process; may be called many times.
///
/// It no longer writes to stderr by itself: what goes wrong comes back as errors, which are
/// reported once, by whoever was told. And it is never taken down: when its last object goes, it
/// would wait for a thread of its own that polls what it has sent, for up to ten seconds after a
/// large message.
void prepare_grpc();

}  // namespace enxame::rpc
