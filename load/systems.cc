#include "load/systems.h"

#include <stdexcept>

#include "cli/flags.h"
#include "coordinator/client/coordinator_matmul.h"
#include "coordinator/client/websocket_matmul.h"
#include "native-baseline/grpc/grpc_transport.h"
#include "native-baseline/local/local_matmul.h"
#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/rpc/tcp_transport.h"

namespace enxame::load {
namespace {

void require_rpc_workers(const SystemOptions& options) {
  if (options.rpc_workers.size() == options.workers) return;
  throw cli::UsageError("--transport " + std::string(to_string(options.transport)) +
                        " with --workers " + std::to_string(options.workers) +
                        " needs as many addresses in --rpc-workers, not " +
                        std::to_string(options.rpc_workers.size()));
}

void require_coordinator(const SystemOptions& options) {
  if (!options.coordinator.empty()) return;
  throw cli::UsageError("--transport " + std::string(to_string(options.transport)) +
                        " needs --coordinator, such as http://127.0.0.1:8080");
}

/// What a measurement repeats, workers do not recognise: its matrices stand for new ones.
constexpr bool kReuseOperands = false;

std::unique_ptr<Matmul> open_rpc(const SystemOptions& options, const rpc::Transport* transport) {
  require_rpc_workers(options);
  return std::make_unique<native::MatmulProxy>(
      options.rpc_workers,
      native::ProxyOptions{
          .transport = transport, .split = options.split, .reuse_operands = kReuseOperands});
}

coordinator::Split split_of(const SystemOptions& options) {
  return {.kind = options.split, .tiles = options.workers, .reuse = kReuseOperands};
}

std::unique_ptr<Matmul> open_rest(const SystemOptions& options) {
  require_coordinator(options);
  coordinator::CoordinatorMatmulOptions client;
  client.split = split_of(options);
  client.collection = options.collection;
  client.http.connections = options.connections;
  return std::make_unique<coordinator::CoordinatorMatmul>(options.coordinator, options.codec,
                                                          client);
}

std::unique_ptr<Matmul> open_websocket(const SystemOptions& options) {
  require_coordinator(options);
  coordinator::WebSocketMatmulOptions client;
  client.split = split_of(options);
  return std::make_unique<coordinator::WebSocketMatmul>(options.coordinator, client);
}

}  // namespace

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::inproc:
      return "inproc";
    case Transport::tcp:
      return "tcp";
    case Transport::tcp_text:
      return "tcp-text";
    case Transport::grpc:
      return "grpc";
    case Transport::rest:
      return "rest";
    case Transport::ws:
      return "ws";
  }
  throw std::logic_error("no such transport");
}

std::unique_ptr<Matmul> open_system(const SystemOptions& options) {
  switch (options.transport) {
    case Transport::inproc:
      return std::make_unique<native::LocalMatmul>(options.kernel, options.workers);
    case Transport::tcp:
      return open_rpc(options, &rpc::tcp_transport());
    case Transport::tcp_text:
      return open_rpc(options, &rpc::text_transport());
    case Transport::grpc:
      return open_rpc(options, &rpc::grpc_transport());
    case Transport::rest:
      return open_rest(options);
    case Transport::ws:
      return open_websocket(options);
  }
  throw std::logic_error("no such transport");
}

std::size_t named_workers(const SystemOptions& options) {
  const bool one = options.transport == Transport::inproc || options.split != SplitKind::none;
  return one ? 1 : options.workers;
}

}  // namespace enxame::load
