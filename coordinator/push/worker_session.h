#pragma once

#include <optional>
#include <set>
#include <string>

#include "coordinator/metrics/metrics.h"
#include "coordinator/store/task_store.h"
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
  /// `worker` may be nameless, "". All must outlive this.
  WorkerSession(http::WebSocket& socket, TaskStore& store, std::string worker,
                CoordinatorMetrics& metrics)
      : socket_(socket), store_(store), worker_(std::move(worker)), metrics_(metrics) {}

  /// Serves the worker until it goes or the store is closed. Throws http::WebSocketError for what a
  /// worker may not send.
  void run();

 private:
  class HeldTask;

  std::optional<Claim> next_task();
  bool is_ready();
  void send(const Claim& claim);
  void send_tile(const Claim& claim, const TileOf& tile);
  bool take_answer(const Claim& claim);
  void send_again(const Claim& claim, const wire::MessageHeader& header);
  void take_product(const Claim& claim, const wire::MessageHeader& header);
  void reject(const Claim& claim, const std::string& reason);
  void fail(const Claim& claim, const std::string& reason);
  void settle(const Claim& claim, const wire::MessageHeader& header, const std::string& text);

  http::WebSocket& socket_;
  TaskStore& store_;
  const std::string worker_;
  CoordinatorMetrics& metrics_;
  std::set<wire::Digest> sent_;  // over this connection: what the worker may have kept
  bool just_sent_ = false;       // with the tile in hand
  bool was_missing_ = false;     // from the tile in hand, and there is no room for it
};

}  // namespace enxame::coordinator
