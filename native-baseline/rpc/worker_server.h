#pragma once

#include <Poco/Net/ServerSocket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "matmul/matmul.h"
#include "native-baseline/fifo_gate.h"
#include "native-baseline/rpc/channel.h"
#include "native-baseline/rpc/worker_observer.h"

namespace enxame::rpc {

struct WorkerServerOptions {
  std::string listen = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port
  std::size_t max_connections = 256;
  std::size_t max_payload_bytes = kDefaultMaxPayloadBytes;
  /// From a message's first byte to its last, in either direction.
  std::chrono::milliseconds message_timeout{30'000};
  /// Told in one line about every connection that ended badly; called from many threads.
  std::function<void(std::string_view)> log = [](std::string_view) {};
  WorkerObserver* observer = nullptr;  ///< told of connections and tasks; outlives the server
};

/// A worker: answers the `multiply` messages of any number of clients (matmul/message.h), computing
/// one at a time. Calls of different connections are computed in the order in which they arrived
/// whole, those of one connection in the order in which they were sent. Each connection has a
/// thread, on which its calls are received, computed in their turn and answered.
///
/// A client that breaks the protocol, stalls in the middle of a message or goes away costs its own
/// connection only. One that has closed its sending side counts as gone, and what it had asked for
/// is not computed any more.
class WorkerServer {
 public:
  /// Binds and listens, then serves until it is drained, computing with `matmul`, which must
  /// outlive the server. Throws std::runtime_error, naming the address, when it cannot listen.
  WorkerServer(WorkerServerOptions options, Matmul& matmul);
  ~WorkerServer();
  WorkerServer(const WorkerServer&) = delete;
  WorkerServer& operator=(const WorkerServer&) = delete;

  std::uint16_t port() const { return port_; }

  /// Stops accepting, answers the calls that are being computed or wait for their turn for up to
  /// `patience`, then ends the connections that are left. Returns whether all were answered in
  /// time. A multiplication that is under way cannot be stopped; the destructor waits for it.
  /// Idempotent.
  bool drain(std::chrono::milliseconds patience);

 private:
  struct Session {
    std::optional<Channel> channel;  ///< until the conversation is over
    std::thread thread{};
  };

  void accept_connections();
  void accept_one();
  void refuse(Channel& channel) const;
  void join_finished_sessions();
  void serve(Session& session);
  void converse(Channel& channel);
  std::optional<std::string> answer(Message message, const Channel& channel);
  std::string compute(Message message, TaskReport& report);

  const WorkerServerOptions options_;
  Matmul& matmul_;
  FifoGate turn_{1};
  Poco::Net::ServerSocket listener_;
  std::uint16_t port_;
  std::atomic<bool> draining_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Session> sessions_;
  std::size_t open_sessions_ = 0;
  std::thread acceptor_;
};

}  // namespace enxame::rpc
