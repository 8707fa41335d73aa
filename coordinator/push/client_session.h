#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "coordinator/broker/task_broker.h"
#include "coordinator/metrics/metrics.h"
#include "http/websocket/websocket.h"
#include "wire/message.h"

namespace enxame::coordinator {

/// Somebody who submits multiplications over a WebSocket, one at a time: `submit` is answered by
/// `delivered` with the product, by `refused` when it is no multiplication or is asked for in a way
/// that there is not, by `failed` when there is no product of it.
class ClientSession {
 public:
  /// `client`: its name; empty: it gives none. All must outlive this.
  ClientSession(http::WebSocket& socket, TaskBroker& broker, std::string client,
                CoordinatorMetrics& metrics, std::size_t max_product_bytes)
      : socket_(socket),
        broker_(broker),
        client_(std::move(client)),
        metrics_(metrics),
        max_product_bytes_(max_product_bytes) {}

  /// Serves the client until it goes or the server drains. Throws http::WebSocketError for what a
  /// client may not send.
  void run();

 private:
  void serve_one();
  void submit(std::uint64_t call_id, std::string frames, const Split& split);
  Awaited await_end(TaskId id);
  void deliver(std::uint64_t call_id, const TaskView& task);
  void answer(wire::MessageKind kind, std::uint64_t call_id, std::string_view text);

  http::WebSocket& socket_;
  TaskBroker& broker_;
  const std::string client_;
  CoordinatorMetrics& metrics_;
  const std::size_t max_product_bytes_;
};

}  // namespace enxame::coordinator
