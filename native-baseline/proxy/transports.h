#pragma once

#include <span>

#include "native-baseline/rpc/transport.h"

namespace enxame::native {

/// The drivers of this program's transports. What chooses among transports (flags, tests,
/// benchmarks) takes them from here: one more is a driver of its own and a line in transports.cc.
/// Without the CMake option ENXAME_GRPC there is no "grpc".
std::span<const rpc::Transport* const> transports();

}  // namespace enxame::native
