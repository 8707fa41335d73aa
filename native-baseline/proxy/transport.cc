#include "native-baseline/proxy/transport.h"

#include <stdexcept>
#include <utility>

#include "matmul/codec/text_codec.h"
#include "matmul/cut.h"
#include "native-baseline/grpc/grpc_connection.h"
#include "native-baseline/grpc/grpc_server.h"
#include "native-baseline/origin_rpc/text_connection.h"
#include "native-baseline/origin_rpc/text_server.h"
#include "native-baseline/origin_rpc/text_wire.h"
#include "native-baseline/rpc/client_connection.h"
#include "native-baseline/rpc/worker_server.h"

namespace enxame::rpc {

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::tcp:
      return "tcp";
    case Transport::tcp_text:
      return "tcp-text";
    case Transport::grpc:
      return "grpc";
  }
  throw std::logic_error("no such transport");
}

wire::OutgoingMessage encode_task(Transport transport, std::uint64_t call_id, MatrixView a,
                                  MatrixView b) {
  if (transport == Transport::tcp_text) {
    return {call_id, encode_text_task(columns_of(a, {0, a.cols()}), columns_of(b, {0, b.cols()}))};
  }
  return wire::outgoing_multiply(call_id, a, b);
}

namespace {

Matrix decode_text_product(std::string_view payload, Shape expected) {
  Matrix product = decode_text<double>(payload.substr(wire::kWorkerPhasesBytes));
  if (product.shape() != expected) {
    throw wire::ProtocolError("the product is " + enxame::to_string(product.shape()) +
                              ", expected " + enxame::to_string(expected));
  }
  return product;
}

}  // namespace

void use_product(Transport transport, std::string_view payload, Shape expected,
                 const std::function<void(std::string_view elements)>& use) {
  if (transport == Transport::tcp_text) {
    use(elements_of(decode_text_product(payload, expected)));
  } else {
    use(elements_of(wire::view_product_matrix(payload, expected)));
  }
}

std::shared_ptr<WorkerConnection> connect(Transport transport, const WorkerAddress& address,
                                          std::chrono::milliseconds timeout,
                                          std::size_t max_payload_bytes) {
  switch (transport) {
    case Transport::tcp:
      return std::make_shared<ClientConnection>(
          Channel::connect(address, timeout, max_payload_bytes));
    case Transport::tcp_text:
      return std::make_shared<TextConnection>(address, timeout, max_payload_bytes);
    case Transport::grpc:
      return std::make_shared<GrpcConnection>(address, timeout, max_payload_bytes);
  }
  throw std::logic_error("no such transport");
}

std::unique_ptr<Server> serve(Transport transport, const WorkerServerOptions& options,
                              native::Multiplier& multiplier) {
  switch (transport) {
    case Transport::tcp:
      return std::make_unique<WorkerServer>(options, multiplier);
    case Transport::tcp_text:
      return std::make_unique<TextServer>(options, multiplier);
    case Transport::grpc:
      return std::make_unique<GrpcServer>(options, multiplier);
  }
  throw std::logic_error("no such transport");
}

}  // namespace enxame::rpc
