#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "native-baseline/rpc/worker_connection.h"

namespace enxame::rpc {

/// A connection over TCP, on which many calls may be in flight. It has no thread of its own: one of
/// the callers that wait receives for all of them, so a lone caller gets its answer without waking
/// anybody. An answer that is given back lends its memory to the next one.
///
/// What goes wrong with one call (a deadline, bytes that make no sense) ends the connection, since
/// nobody can tell what the peer will send next; every call in flight then fails.
class ClientConnection : public WorkerConnection {
 public:
  explicit ClientConnection(Channel channel) : channel_(std::move(channel)) {}
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  wire::Message call(const wire::OutgoingMessage& request, net::TimePoint deadline) override;
  bool usable() const override;
  void close(const std::string& reason) override;
  void recycle(wire::Message&& answer) override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Calls =
      std::map<std::uint64_t, std::optional<wire::Message>>;  // answers, once they are there

  void send_in_turn(Lock& lock, const wire::OutgoingMessage& request, net::TimePoint deadline);
  void receive_for_all(Lock& lock, net::TimePoint deadline);
  void deliver(wire::Message message);
  void break_off(const std::string& reason);
  void check_whole() const;

  Channel channel_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Calls calls_;
  bool sending_ = false;
  bool receiving_ = false;
  std::optional<std::string> broken_;
  wire::Buffer spare_;  ///< the memory of an answer that was read
};

}  // namespace enxame::rpc
