#include "native-baseline/grpc/grpc_transport.h"

#include "native-baseline/grpc/grpc_connection.h"
#include "native-baseline/grpc/grpc_server.h"
#include "native-baseline/rpc/binary_transport.h"

namespace enxame::rpc {
namespace {

class GrpcTransport : public BinaryTransport {
 public:
  GrpcTransport()
      : BinaryTransport(
            {.name = "grpc", .memory = GrpcServer::kMemory, .times_out_messages = false}) {}

  std::shared_ptr<WorkerConnection> connect(const WorkerAddress& address,
                                            std::chrono::milliseconds timeout,
                                            std::size_t max_payload_bytes) const override {
    return std::make_shared<GrpcConnection>(address, timeout, max_payload_bytes);
  }

  std::unique_ptr<Server> serve(const WorkerServerOptions& options,
                                native::Multiplier& multiplier) const override {
    return std::make_unique<GrpcServer>(options, multiplier);
  }
};

}  // namespace

const Transport& grpc_transport() {
  static const GrpcTransport transport;
  return transport;
}

}  // namespace enxame::rpc
