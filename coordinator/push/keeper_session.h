#pragma once

#include <string>
#include <utility>

#include "coordinator/broker/task_broker.h"
#include "coordinator/metrics/metrics.h"
#include "http/websocket/websocket.h"

namespace enxame::coordinator {

/// A worker's own word that it is there, over a connection that is nothing else's and that it can
/// use while it computes: each `keep` renews what the worker holds, and when the connection ends,
/// as it does with the worker's process or tab, the tasks come back at once.
class KeeperSession {
 public:
  /// Whose connection it is.
  struct Kept {
    std::string keeper;  ///< under which the worker claims its tasks
    std::string worker;  ///< its name; empty: it gives none
    WorkerDescription description;
  };

  /// All must outlive this.
  KeeperSession(http::WebSocket& socket, TaskBroker& broker, Kept kept, CoordinatorMetrics& metrics)
      : socket_(socket), broker_(broker), kept_(std::move(kept)), metrics_(metrics) {}

  /// Serves the worker until it goes or the server drains. Throws http::WebSocketError for what it
  /// may not send.
  void run();

 private:
  class Stay;

  void take_word();

  http::WebSocket& socket_;
  TaskBroker& broker_;
  const Kept kept_;
  CoordinatorMetrics& metrics_;
};

}  // namespace enxame::coordinator
