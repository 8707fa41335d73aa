#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "http/client/client.h"
#include "http/client/websocket_client.h"
#include "worker/worker_options.h"

namespace enxame::worker {

/// Tells a coordinator that a worker is there, from a thread and over a connection of its own, so
/// that what the worker holds is renewed while it computes, and goes to another at once when this
/// process is gone. Connects again for as long as it lives.
class Keeper {
 public:
  /// How often it says so: several times in the shortest lease that makes sense.
  static constexpr std::chrono::milliseconds kPeriod{1'000};

  /// For a worker that claims its tasks under `options.keeper`.
  Keeper(http::Origin coordinator, http::Identity identity, const WorkerOptions& options);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

 private:
  class Connection;

  void run();
  void keep();
  bool is_stopping();

  const http::Origin coordinator_;
  const http::Identity identity_;
  const std::string target_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  http::WebSocketClient* connected_ = nullptr;
  std::thread thread_;
};

}  // namespace enxame::worker
