#pragma once

#include <memory>

#include "native-baseline/bench/echo.h"

namespace enxame::native {

/// Bytes over plain blocking sockets, on one connection.
std::unique_ptr<Echo> open_tcp_echo(const rpc::WorkerAddress& server, Sizes sizes);

/// Texts up to their terminator, with a connection for each exchange, read byte by byte as the
/// original reads.
std::unique_ptr<Echo> open_text_echo(const rpc::WorkerAddress& server, Sizes sizes);

/// Answers the first.
[[noreturn]] void serve_tcp_echo(Sizes sizes);

/// Answers the second.
[[noreturn]] void serve_text_echo(Sizes sizes);

}  // namespace enxame::native
