#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/broker/task_broker.h"
#include "coordinator/journal/journal.h"
#include "coordinator/metrics/metrics.h"
#include "coordinator/rest/routes.h"
#include "coordinator/rest/static_site.h"
#include "coordinator/store/memory_payload_store.h"
#include "coordinator/store/memory_task_store.h"
#include "http/message.h"
#include "http/server/server.h"

namespace enxame::coordinator {

struct CoordinatorOptions {
  StoreOptions store{};
  BrokerOptions broker{};
  http::ServerOptions http{};
  JournalOptions journal{};  ///< no folder: what there is ends with the process
  std::string site{};        ///< the folder of the pages, served at /; empty: none

  /// Told of what happens to tasks; all outlive the coordinator.
  std::vector<TaskObserver*> observers{};

  /// The most that a worker may return; nothing: as much as a body may have.
  std::optional<std::size_t> max_product_bytes{};

  /// Whoever asks for a longer wait is answered after this; at most kMaxWait.
  std::chrono::milliseconds longest_wait = kMaxWait;
};

/// A coordinator, put together: the store of tasks and that of payloads, the journal, the broker,
/// the metrics, the routes with their WebSocket sessions, and the HTTP server once it listens.
/// Throws as Journal does.
///
///   Coordinator coordinator({.http = {.port = 8080}});
///   coordinator.listen();
class Coordinator {
 public:
  explicit Coordinator(CoordinatorOptions options = {});
  ~Coordinator();
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  /// Answers a request as the server does, without one. Throws http::Error for whatever a client
  /// does wrong.
  http::Response answer(http::Request& request) { return routes_.answer(request); }

  /// Serves from now on; returns the port. Throws as http::Server does.
  std::uint16_t listen();

  /// Of a coordinator that listens:
  std::uint16_t port() const { return server_.value().port(); }
  std::string url() const;

  TaskBroker& broker() { return broker_; }

  /// The tasks that its journal had from before.
  std::size_t restored() const { return restored_; }

  /// Ends all waits: nothing is lost, and requests are answered still.
  void close() { broker_.close(); }

  /// Waits until every request is answered, at most so long; whether they are.
  bool drain(std::chrono::milliseconds patience);

 private:
  CoordinatorOptions options_;
  MemoryPayloadStore payloads_;
  std::optional<Journal> journal_;
  MemoryTaskStore store_;
  TaskBroker broker_;
  CoordinatorMetrics metrics_;
  std::optional<StaticSite> site_;
  Routes routes_;
  std::size_t restored_ = 0;
  std::optional<http::Server> server_;
};

}  // namespace enxame::coordinator
