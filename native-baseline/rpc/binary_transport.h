#pragma once

#include "matmul/cut.h"
#include "native-baseline/rpc/transport.h"
#include "wire/message.h"

namespace enxame::rpc {

/// A transport that carries the binary messages of wire/message.h as they are.
class BinaryTransport : public Transport {
 public:
  wire::OutgoingMessage encode_task(std::uint64_t call_id, MatrixView a,
                                    MatrixView b) const override {
    return wire::outgoing_multiply(call_id, a, b);
  }

  void use_product(std::string_view payload, Shape expected,
                   const std::function<void(std::string_view elements)>& use) const override {
    use(elements_of(wire::view_product_matrix(payload, expected)));
  }

 protected:
  using Transport::Transport;
};

}  // namespace enxame::rpc
