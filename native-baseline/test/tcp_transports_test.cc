#include "native-baseline/test/transport_test.h"

namespace enxame::native {

INSTANTIATE_TEST_SUITE_P(Tcp, TransportTest,
                         ::testing::Values(rpc::Transport::tcp, rpc::Transport::tcp_text), name_of);

}  // namespace enxame::native
