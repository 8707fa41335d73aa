#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "http/client/client.h"
#include "http/client/websocket_client.h"
#include "matmul/codec/codec.h"
#include "matmul/kernel.h"

namespace enxame::coordinator {

/// A worker on a thread of its own that asks a coordinator over REST in long polls.
class RestBenchWorker {
 public:
  RestBenchWorker(const std::string& url, Codec codec, Kernel kernel);
  ~RestBenchWorker();
  RestBenchWorker(const RestBenchWorker&) = delete;
  RestBenchWorker& operator=(const RestBenchWorker&) = delete;

 private:
  void work();
  void compute(const http::Reply& task);

  http::Client client_;
  const Codec codec_;
  const Kernel kernel_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// A worker on a thread of its own to which a coordinator pushes tasks over a WebSocket.
class PushBenchWorker {
 public:
  PushBenchWorker(const std::string& url, Kernel kernel);
  ~PushBenchWorker();
  PushBenchWorker(const PushBenchWorker&) = delete;
  PushBenchWorker& operator=(const PushBenchWorker&) = delete;

 private:
  void work();

  http::WebSocketClient connection_;
  const Kernel kernel_;
  std::thread thread_;
};

}  // namespace enxame::coordinator
