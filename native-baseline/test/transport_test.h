#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "native-baseline/rpc/transport.h"

namespace enxame::native {

/// What every transport has to do, instantiated by the test programs for theirs: those of gRPC are
/// a program of their own (test/CMakeLists.txt says why).
class TransportTest : public ::testing::TestWithParam<const rpc::Transport*> {};

/// "TcpText" of tcp-text: what GoogleTest takes for a name.
inline std::string name_of(const ::testing::TestParamInfo<const rpc::Transport*>& info) {
  std::string name;
  bool begins = true;
  for (const char c : to_string(info.param)) {
    if (c != '-') name += static_cast<char>(begins ? std::toupper(c) : c);
    begins = c == '-';
  }
  return name;
}

}  // namespace enxame::native
