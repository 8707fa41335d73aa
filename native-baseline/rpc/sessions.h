#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "native-baseline/rpc/channel.h"
#include "native-baseline/rpc/server.h"
#include "net/acceptor.h"

namespace enxame::rpc {

/// Listens and gives each connection a thread, on which it is conversed with to its end.
class Sessions : private net::Service {
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
  ~Sessions() override { acceptor_.end(); }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  std::uint16_t port() const { return acceptor_.port(); }
  bool draining() const { return acceptor_.draining(); }

  /// As Server::drain().
  bool drain(std::chrono::milliseconds patience) { return acceptor_.drain(patience); }

 private:
  class Conversation;

  std::unique_ptr<net::Session> open(net::Stream stream, const std::string& peer) override;
  net::Session* evict_for(std::span<net::Session* const> sessions, std::string_view peer) override;
  std::string turn_away(net::Refusal reason, std::string_view peer) override;
  void failed(const std::exception& error, std::string_view peer) noexcept override;
  void opened() noexcept override;
  void closed() noexcept override;
  void look_after() override {}

  const WorkerServerOptions options_;
  const Manners manners_;
  net::Acceptor acceptor_;
};

}  // namespace enxame::rpc
