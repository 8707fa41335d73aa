#include "native-baseline/origin_rpc/text_transport.h"

#include "matmul/codec/text_codec.h"
#include "matmul/cut.h"
#include "native-baseline/origin_rpc/text_connection.h"
#include "native-baseline/origin_rpc/text_server.h"
#include "native-baseline/origin_rpc/text_wire.h"

namespace enxame::rpc {
namespace {

Matrix decode_product(std::string_view payload, Shape expected) {
  Matrix product = decode_text<double>(payload.substr(wire::kWorkerPhasesBytes));
  if (product.shape() != expected) {
    throw wire::ProtocolError("the product is " + enxame::to_string(product.shape()) +
                              ", expected " + enxame::to_string(expected));
  }
  return product;
}

class TextTransport : public Transport {
 public:
  TextTransport()
      : Transport({.name = "tcp-text", .codec = Codec::json, .memory = TextServer::kMemory}) {}

  wire::OutgoingMessage encode_task(std::uint64_t call_id, MatrixView a,
                                    MatrixView b) const override {
    return {call_id, encode_text_task(columns_of(a, {0, a.cols()}), columns_of(b, {0, b.cols()}))};
  }

  void use_product(std::string_view payload, Shape expected,
                   const std::function<void(std::string_view elements)>& use) const override {
    use(elements_of(decode_product(payload, expected)));
  }

  std::shared_ptr<WorkerConnection> connect(const WorkerAddress& address,
                                            std::chrono::milliseconds timeout,
                                            std::size_t max_payload_bytes) const override {
    return std::make_shared<TextConnection>(address, timeout, max_payload_bytes);
  }

  std::unique_ptr<Server> serve(const WorkerServerOptions& options,
                                native::Multiplier& multiplier) const override {
    return std::make_unique<TextServer>(options, multiplier);
  }
};

}  // namespace

const Transport& text_transport() {
  static const TextTransport transport;
  return transport;
}

}  // namespace enxame::rpc
