#include "native-baseline/test/transport_test.h"

namespace enxame::native {

INSTANTIATE_TEST_SUITE_P(Grpc, TransportTest, ::testing::Values(rpc::Transport::grpc),
                         name_of);

}  // namespace enxame::native
