#include "native-baseline/grpc/grpc_transport.h"

#include "native-baseline/test/transport_test.h"

namespace enxame::native {

INSTANTIATE_TEST_SUITE_P(All, TransportTest, ::testing::Values(&rpc::grpc_transport()), name_of);

}  // namespace enxame::native
