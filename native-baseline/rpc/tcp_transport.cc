#include "native-baseline/rpc/tcp_transport.h"

#include "native-baseline/rpc/binary_transport.h"
#include "native-baseline/rpc/client_connection.h"
#include "native-baseline/rpc/worker_server.h"

namespace enxame::rpc {
namespace {

class TcpTransport : public BinaryTransport {
 public:
  TcpTransport()
      : BinaryTransport({.name = "tcp", .memory = WorkerServer::kMemory, .keeps_operands = true}) {}

  std::shared_ptr<WorkerConnection> connect(const WorkerAddress& address,
                                            std::chrono::milliseconds timeout,
                                            std::size_t max_payload_bytes) const override {
    return std::make_shared<ClientConnection>(
        Channel::connect(address, timeout, max_payload_bytes));
  }

  std::unique_ptr<Server> serve(const WorkerServerOptions& options,
                                native::Multiplier& multiplier) const override {
    return std::make_unique<WorkerServer>(options, multiplier);
  }
};

}  // namespace

const Transport& tcp_transport() {
  static const TcpTransport transport;
  return transport;
}

}  // namespace enxame::rpc
