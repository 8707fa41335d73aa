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
#include <thread>

#include "native-baseline/rpc/channel.h"
#include "native-baseline/rpc/server.h"

namespace enxame::rpc {

/// Listens and gives each connection a thread, on which it is conversed with to its end.
class Sessions {
 public:
  struct Manners {
    /// Converses until the connection is over or draining() says so. What it throws ends the
    /// connection and is logged.
    std::function<void(Channel&)> converse;
    /// The bytes that tell a client, in a word, why there is no place for it.
    std::function<std::string(const std::string& reason)> refusal;
  };

  /// Binds, listens and serves. Throws std::runtime_error, naming the address, when it cannot
  /// listen.
  Sessions(const WorkerServerOptions& options, Manners manners);
  ~Sessions();
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  std::uint16_t port() const { return port_; }
  bool draining() const { return draining_; }

  /// As Server::drain().
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

  const WorkerServerOptions options_;
  const Manners manners_;
  Poco::Net::ServerSocket listener_;
  std::uint16_t port_;
  std::atomic<bool> draining_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Session> sessions_;
  std::size_t open_sessions_ = 0;
  std::thread acceptor_;
};

/// A socket that listens. Throws std::runtime_error, naming the address and the reason, when it
/// cannot.
Poco::Net::ServerSocket listen_on(const std::string& host, std::uint16_t port);

}  // namespace enxame::rpc
