#include <algorithm>
#include <vector>

#include "native-baseline/proxy/transports.h"
#include "native-baseline/test/transport_test.h"

namespace enxame::native {
namespace {

/// All but gRPC, whose tests are a program of their own.
std::vector<const rpc::Transport*> transports_but_grpc() {
  std::vector<const rpc::Transport*> some;
  std::ranges::copy_if(transports(), std::back_inserter(some), [](const rpc::Transport* transport) {
    return to_string(transport) != "grpc";
  });
  return some;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(All, TransportTest, ::testing::ValuesIn(transports_but_grpc()), name_of);

}  // namespace enxame::native
