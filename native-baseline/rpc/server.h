#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "native-baseline/rpc/worker_observer.h"
#include "wire/message.h"

namespace enxame::rpc {

struct WorkerServerOptions {
  std::string listen = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port
  std::size_t max_connections = 256;
  std::size_t max_payload_bytes = wire::kDefaultMaxPayloadBytes;
  /// What tasks may take together: messages that are received, computed or sent, and operands that
  /// are kept; rpc/memory_parts.h divides it. One that finds no room is answered `failed`.
  std::size_t max_memory_bytes = std::size_t{8} << 30;
  /// From a message's first byte to its last, in either direction, and what its bytes take at the
  /// slowest rate that is borne (message_pace()).
  std::chrono::milliseconds message_timeout{30'000};
  /// Told in one line about every connection that ended badly; called from many threads.
  std::function<void(std::string_view)> log = [](std::string_view) {};
  WorkerObserver* observer = nullptr;  ///< told of connections and tasks; outlives the server
};

/// Logs `what`, and `why`; for threads that nobody catches anything from.
inline void log_quietly(const WorkerServerOptions& options, std::string_view what,
                        std::string_view why) noexcept {
  try {
    options.log(std::string(what).append(why));
  } catch (const std::exception&) {
    // There is no memory to say it with, and the program is not to end over that.
  }
}

/// A worker that serves, over whatever transport.
class Server {
 public:
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;

  /// Stops accepting, answers the calls that are being computed or wait for their turn for up to
  /// `patience`, then ends the connections that are left. Returns whether all were answered in
  /// time. A multiplication that is under way cannot be stopped; the destructor waits for it.
  /// Idempotent.
  virtual bool drain(std::chrono::milliseconds patience) = 0;
};

}  // namespace enxame::rpc
