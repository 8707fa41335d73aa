#pragma once

#include <string>
#include <utility>

#include "coordinator/broker/task_broker.h"
#include "coordinator/metrics/metrics.h"
#include "http/websocket/websocket.h"

namespace enxame::coordinator {

/// A worker's own word that it is there, over a connection that is nothing else's and that it can
/// use while it computes: each `keep` renews what the worker holds, and when the connection ends, as
/// it does with the worker's process or tab, the tasks come back at once.
class KeeperSession {
 public:
  /// The worker claims its tasks under `keeper`. All must outlive this.
  KeeperSession(http::WebSocket& socket, TaskBroker& broker, std::string keeper,
                CoordinatorMetrics& metrics)
      : socket_(socket), broker_(broker), keeper_(std::move(keeper)), metrics_(metrics) {}

  /// Serves the worker until it goes or the server drains. Throws http::WebSocketError for what it
  /// may not send.
  void run();

 private:
  class Stay;

  void take_word();

  http::WebSocket& socket_;
  TaskBroker& broker_;
  const std::string keeper_;
  CoordinatorMetrics& metrics_;
};

}  // namespace enxame::coordinator
