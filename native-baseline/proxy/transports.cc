#include "native-baseline/proxy/transports.h"

#include <array>

#include "native-baseline/grpc/grpc_transport.h"
#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/rpc/tcp_transport.h"

namespace enxame::native {

std::span<const rpc::Transport* const> transports() {
  static const std::array all{
      &rpc::tcp_transport(),
      &rpc::text_transport(),
      &rpc::grpc_transport(),
  };
  return all;
}

}  // namespace enxame::native
