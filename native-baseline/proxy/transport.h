#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "native-baseline/local/multiplier.h"
#include "native-baseline/rpc/server.h"
#include "native-baseline/rpc/worker_connection.h"

namespace enxame::rpc {

/// How tasks reach a worker.
enum class Transport {
  tcp,       ///< binary messages over a persistent connection (wire/message.h)
  tcp_text,  ///< the original system's: a connection for each call, JSON text (rpc/text_wire.h)
  grpc,      ///< the binary messages over gRPC (grpc/matmul.proto)
};

inline constexpr std::array kTransports{Transport::tcp, Transport::tcp_text, Transport::grpc};

/// "tcp", "tcp-text" or "grpc".
std::string_view to_string(Transport transport);

/// The request for A·B as this transport writes it; refers to the values of `a` and `b`.
wire::OutgoingMessage encode_task(Transport transport, std::uint64_t call_id, MatrixView a,
                                  MatrixView b);

/// Tells `use` the elements of the matrix of a `product` payload that came over this transport, row
/// by row, without copying them where they need not be read; its worker phases are read by
/// decode_product_phases(). Throws std::runtime_error or std::invalid_argument when it is malformed
/// or not of shape `expected`.
void use_product(Transport transport, std::string_view payload, Shape expected,
                 const std::function<void(std::string_view elements)>& use);

/// A connection to a worker; some transports connect only when it is first used. Throws TimedOut or
/// ChannelError.
std::shared_ptr<WorkerConnection> connect(Transport transport, const WorkerAddress& address,
                                          std::chrono::milliseconds timeout,
                                          std::size_t max_payload_bytes);

/// A worker that serves over this transport, computing with `multiplier`, which must outlive it.
/// Throws std::runtime_error, naming the address, when it cannot listen.
std::unique_ptr<Server> serve(Transport transport, const WorkerServerOptions& options,
                              native::Multiplier& multiplier);

}  // namespace enxame::rpc
