#pragma once

#include <optional>
#include <set>
#include <string>

#include "coordinator/broker/task_broker.h"
#include "coordinator/metrics/metrics.h"
#include "http/websocket/websocket.h"
#include "wire/digest.h"
#include "wire/message.h"

namespace enxame::coordinator {

/// A worker at the other end of a WebSocket: it is sent a task as soon as there is one
/// (`multiply`, or a tile as `multiply kept`, ahead of the first of which comes the B that tiles
/// share), answers it (`product`, `refused`, `failed`), and then gets the next one.
///
/// A task comes back to the store at once when the connection breaks: for nothing when it was not
/// sent whole, at the price of an attempt when it was.
class WorkerSession {
 public:
  /// `ask`: as whom it asks for tasks; it may be nameless. All must outlive this.
  WorkerSession(http::WebSocket& socket, TaskBroker& broker, Ask ask, CoordinatorMetrics& metrics)
      : socket_(socket), broker_(broker), ask_(std::move(ask)), metrics_(metrics) {}

  /// Serves the worker until it goes or the store is closed. Throws http::WebSocketError for what a
  /// worker may not send.
  void run();

 private:
  class ClaimGuard;

  std::optional<Assignment> next_task();
  bool is_ready();
  void send(const Assignment& task);
  void send_tile(const Assignment& task, const TileOf& tile);
  bool take_answer(const Assignment& task);
  void send_again(const Assignment& task, const wire::MessageHeader& header);
  void take_product(const Assignment& task, const wire::MessageHeader& header);
  void complete(const Assignment& task, const WorkerPhases& phases, std::string frame);
  void settle(const Assignment& task, const wire::MessageHeader& header, const std::string& text);

  http::WebSocket& socket_;
  TaskBroker& broker_;
  const Ask ask_;
  CoordinatorMetrics& metrics_;
  std::set<wire::Digest> sent_;  // over this connection: what the worker may have kept
  bool just_sent_ = false;       // with the tile in hand
  bool was_missing_ = false;     // from the tile in hand, and there is no room for it
};

}  // namespace enxame::coordinator
