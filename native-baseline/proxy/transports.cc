#include "native-baseline/proxy/transports.h"

#include <array>

#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/rpc/tcp_transport.h"
#ifdef ENXAME_HAVE_GRPC
#include "native-baseline/grpc/grpc_transport.h"
#endif

namespace enxame::native {

std::span<const rpc::Transport* const> transports() {
  static const std::array all{
      &rpc::tcp_transport(),
      &rpc::text_transport(),
#ifdef ENXAME_HAVE_GRPC
      &rpc::grpc_transport(),
#endif
  };
  return all;
}

}  // namespace enxame::native
