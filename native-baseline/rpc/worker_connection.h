#pragma once

#include <string>

#include "native-baseline/rpc/channel.h"
#include "wire/outgoing_message.h"

namespace enxame::rpc {

/// Whether a message of that kind may answer another.
inline bool is_answer(wire::MessageKind kind) {
  return kind == wire::MessageKind::product || kind == wire::MessageKind::refused ||
         kind == wire::MessageKind::failed || kind == wire::MessageKind::missing;
}

/// The client's end of a connection to a worker, over whatever transport: it answers each message
/// with one. Thread-safe.
class WorkerConnection {
 public:
  virtual ~WorkerConnection() = default;

  /// Sends `request`, whose call id is in flight only once, and returns the answer to it, which is
  /// of kind product, refused, failed or missing. Where the transport keeps operands, the request
  /// may be an `operand` message followed by another one. Throws net::TimedOut,
  /// net::ConnectionError or ProtocolError; the connection may then be of no use.
  virtual wire::Message call(const wire::OutgoingMessage& request, net::TimePoint deadline) = 0;

  /// Whether a call may be made: nothing went wrong yet, as far as is known without waiting.
  virtual bool usable() const = 0;

  /// Ends the connection; calls in flight fail with net::ConnectionError, saying `reason`.
  virtual void close(const std::string& reason) = 0;

  /// Takes an answer that has been read back, for its memory. Nobody has to.
  virtual void recycle(wire::Message&& answer) = 0;
};

}  // namespace enxame::rpc
