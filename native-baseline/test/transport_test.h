#pragma once

#include <gtest/gtest.h>

#include "native-baseline/proxy/transport.h"

namespace enxame::native {

/// What every transport has to do, instantiated by the test programs for theirs: those of gRPC are
/// a program of their own (test/CMakeLists.txt says why).
class TransportTest : public ::testing::TestWithParam<rpc::Transport> {};

inline std::string name_of(const ::testing::TestParamInfo<rpc::Transport>& info) {
  switch (info.param) {
    case rpc::Transport::tcp:
      return "Tcp";
    case rpc::Transport::tcp_text:
      return "TcpText";
    case rpc::Transport::grpc:
      return "Grpc";
  }
  return "";
}

}  // namespace enxame::native
