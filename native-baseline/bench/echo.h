#pragma once

#include <cstddef>
#include <memory>

#include "native-baseline/proxy/transport.h"

namespace enxame::native {

/// The bytes of an exchange, in either direction.
struct Sizes {
  std::size_t request;
  std::size_t answer;
};

/// The client's side of an echo.
class Echo {
 public:
  virtual ~Echo() = default;
  /// Sends the bytes of a request and receives those of an answer.
  virtual void round_trip() = 0;
};

/// The bare exchange: plain blocking sockets, or bytes through gRPC as they are.
std::unique_ptr<Echo> open_echo(rpc::Transport transport, const rpc::WorkerAddress& server,
                                Sizes sizes);

/// The server's side. Prints "listening on 127.0.0.1:PORT" and serves for ever.
[[noreturn]] void serve_echo(rpc::Transport transport, Sizes sizes);

[[noreturn]] void wait_until_killed();

}  // namespace enxame::native
