#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "worker/backoff.h"
#include "worker/host.h"

namespace enxame::app {

/// A worker as the coordinator lists it.
struct KnownWorker {
  std::string id;
  std::string state;  ///< "asking", "working" or "silent"
  std::uint64_t last_seen_ms = 0;
  std::uint64_t completed = 0;
};

/// Asks every two seconds which workers the coordinator knows, and thereby whether there is a
/// coordinator.
class WorkerWatch {
 public:
  enum class Coordinator {
    unknown,
    reachable,
    away,     ///< no answer, another server's, or one that it does not serve
    refusing  ///< it does not serve this page: its origin or the name in its address is not allowed
  };

  /// `host` has to outlive the watch, and the watch every call back that it asked for.
  explicit WorkerWatch(worker::Host& host) : host_(host) {}
  WorkerWatch(const WorkerWatch&) = delete;
  WorkerWatch& operator=(const WorkerWatch&) = delete;

  /// Asks for the first time. Call once.
  void start() { ask(); }

  Coordinator coordinator() const { return coordinator_; }
  const std::string& message() const { return message_; }               ///< in words
  const std::vector<KnownWorker>& workers() const { return workers_; }  ///< as of the last answer

 private:
  void ask();
  void on_answer(const worker::HttpAnswer& answer);
  void read_workers(std::string_view body);

  worker::Host& host_;
  Coordinator coordinator_ = Coordinator::unknown;
  std::string message_ = "looking for the coordinator";
  std::vector<KnownWorker> workers_;
  worker::Backoff backoff_;
};

/// "unknown", "reachable", "away" or "refusing".
std::string_view to_string(WorkerWatch::Coordinator coordinator);

}  // namespace enxame::app
