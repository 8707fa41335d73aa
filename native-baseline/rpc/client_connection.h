#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "native-baseline/rpc/channel.h"

namespace enxame::rpc {

/// The client's end of a connection, on which many calls may be in flight. It has no thread of its
/// own: one of the callers that wait receives for all of them, so a lone caller gets its answer
/// without waking anybody. Thread-safe.
///
/// What goes wrong with one call (a deadline, bytes that make no sense) ends the connection, since
/// nobody can tell what the peer will send next; every call in flight then fails.
class ClientConnection {
 public:
  explicit ClientConnection(Channel channel) : channel_(std::move(channel)) {}
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Sends `request`, a whole message whose call id is `call_id` and in flight only once, and
  /// returns the answer to it. Throws TimedOut, ChannelError or ProtocolError.
  Message call(std::uint64_t call_id, std::string_view request, Deadline deadline);

  /// Whether a call may be made: nothing went wrong yet and an idle peer has neither closed nor
  /// said anything unasked.
  bool usable() const;

  /// Ends the connection; calls in flight fail with ChannelError, saying `reason`.
  void close(const std::string& reason);

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Calls = std::map<std::uint64_t, std::optional<Message>>;  // answers, once they are there

  void send_in_turn(Lock& lock, std::string_view request, Deadline deadline);
  void receive_for_all(Lock& lock, Deadline deadline);
  void deliver(std::optional<Message> message);
  void break_off(const std::string& reason);
  void check_whole() const;

  Channel channel_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Calls calls_;
  bool sending_ = false;
  bool receiving_ = false;
  std::optional<std::string> broken_;
};

}  // namespace enxame::rpc
