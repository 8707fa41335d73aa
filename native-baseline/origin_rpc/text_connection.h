#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>

#include "native-baseline/rpc/worker_connection.h"

namespace enxame::rpc {

/// Speaks to a worker as the original system did (rpc/text_wire.h): makes a connection for each
/// call.
class TextConnection : public WorkerConnection {
 public:
  TextConnection(WorkerAddress address, std::chrono::milliseconds connect_timeout,
                 std::size_t max_payload_bytes);

  /// `request` is the text of a task with its terminator. The answer's payload is what
  /// decode_text_answer() says.
  wire::Message call(const wire::OutgoingMessage& request, net::TimePoint deadline) override;
  bool usable() const override;
  void close(const std::string& reason) override;
  void recycle(wire::Message&&) override {}

 private:
  class Open;

  const WorkerAddress address_;
  const std::chrono::milliseconds connect_timeout_;
  const std::size_t max_payload_bytes_;
  mutable std::mutex mutex_;
  std::list<Channel> open_;
  std::optional<std::string> closed_;
};

}  // namespace enxame::rpc
