#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/client/coordinator_matmul.h"
#include "http/connections.h"
#include "matmul/codec/codec.h"
#include "matmul/kernel.h"
#include "matmul/matmul.h"
#include "matmul/partition.h"
#include "native-baseline/rpc/worker_address.h"

namespace enxame::load {

/// How work reaches the workers of a system, as experiments/systems.yaml names it.
enum class Transport {
  inproc,    ///< threads of this process
  tcp,       ///< native workers over TCP, frames
  tcp_text,  ///< native workers over TCP, a connection and JSON text for each call
  grpc,      ///< native workers over gRPC
  rest,      ///< workers of a coordinator, whose REST API the client speaks
  ws,        ///< workers of a coordinator, to which the client speaks over WebSocket
};

/// "inproc", "tcp", "tcp-text", "grpc", "rest" or "ws".
std::string_view to_string(Transport transport);

/// The client's side of one system: what is needed to reach it.
struct SystemOptions {
  Transport transport = Transport::inproc;
  std::size_t workers = 1;
  Kernel kernel = Kernel::simd;  ///< of `inproc`; remote workers have their own
  Codec codec = Codec::json;     ///< of `rest`; of the others it is given
  coordinator::Collection collection = coordinator::Collection::long_poll;  ///< of `rest`
  http::Connections connections = http::Connections::kept;                  ///< of `rest`
  SplitKind split = SplitKind::none;  ///< into as many tiles as workers; not of `inproc`
  std::vector<rpc::WorkerAddress>
      rpc_workers;          ///< of `tcp`, `tcp_text`, `grpc`, one for each worker
  std::string coordinator;  ///< of `rest`, `ws`: "http://127.0.0.1:8080"
};

/// Opens the client's side. Throws cli::UsageError when `options` lacks what the system needs.
std::unique_ptr<Matmul> open_system(const SystemOptions& options);

/// How many workers name themselves in the products of this system: the threads of `inproc` are
/// one, and so are the workers that share a product.
std::size_t named_workers(const SystemOptions& options);

}  // namespace enxame::load
