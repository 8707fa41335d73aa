#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "matmul/matrix.h"
#include "native-baseline/rpc/transport.h"

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

/// Both sides of an echo. A server prints "listening on 127.0.0.1:PORT" and serves for ever.
struct EchoSides {
  std::unique_ptr<Echo> (*open)(const rpc::WorkerAddress& server, Sizes sizes);
  void (*serve)(Sizes sizes);
};

/// What a transport is set beside.
struct EchoOfTransport {
  const rpc::Transport* transport;
  EchoSides echo;                 ///< plain blocking sockets, or bytes through gRPC as they are
  std::optional<EchoSides> stub;  ///< the same bytes in generated classes
  std::size_t (*answer_bytes)(const Matrix& product);  ///< of the answer that brings it
  std::int64_t largest_n;                              ///< larger matrices would take seconds
};

/// Those of transports(), in their order.
std::span<const EchoOfTransport> echoes();

/// The one of that transport. Throws std::invalid_argument, quoting the name.
const EchoOfTransport& echo_of(std::string_view transport);

[[noreturn]] void wait_until_killed();

}  // namespace enxame::native
