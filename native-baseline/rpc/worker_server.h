#pragma once

#include <atomic>

#include "native-baseline/rpc/server.h"
#include "native-baseline/rpc/sessions.h"
#include "native-baseline/rpc/task_runner.h"

namespace enxame::rpc {

/// A worker over TCP: answers the `multiply` messages of any number of clients (wire/message.h),
/// computing one at a time. Calls of different connections are computed in the order in which they
/// arrived whole, those of one connection in the order in which they were sent. Each connection has
/// a thread, on which its calls are received, computed in their turn and answered.
///
/// What a client sends ahead (`operand`) is kept for it as long as its connection stands; all of
/// these together take 512 MiB at most.
///
/// A client that breaks the protocol, stalls in the middle of a message or goes away costs its own
/// connection only. One that has closed its sending side counts as gone, and what it had asked for
/// is not computed any more.
class WorkerServer : public Server {
 public:
  /// A task takes its message, its product and a kept operand. Operands may take a quarter of the
  /// memory, and no more than they do by default.
  static constexpr MemoryDivision kMemory{.times_a_message = 3,
                                          .reserved = &MemoryParts::operands,
                                          .one_in = 4,
                                          .most_reserved = wire::OperandCache::kDefaultMaxBytes};

  /// Binds and listens, then serves until it is drained, computing with `multiplier`, which must
  /// outlive the server. Throws std::runtime_error, naming the address, when it cannot listen.
  WorkerServer(const WorkerServerOptions& options, native::Multiplier& multiplier);
  ~WorkerServer() override;
  WorkerServer(const WorkerServer&) = delete;
  WorkerServer& operator=(const WorkerServer&) = delete;

  std::uint16_t port() const override { return sessions_.port(); }
  bool drain(std::chrono::milliseconds patience) override { return sessions_.drain(patience); }

 private:
  class Memory;

  void converse(Channel& channel);
  void answer_all(Channel& channel, wire::OperandCache::Owner connection);
  bool answer_one(Channel& channel, wire::OperandCache::Owner connection, Memory& memory);
  void turn_down(Channel& channel, Memory& memory, const char* reason);
  void fail(Channel& channel, std::uint64_t call_id, const char* reason);
  net::Deadline in_time() const { return net::Deadline(message_pace(options_.message_timeout)); }

  const WorkerServerOptions options_;
  TaskRunner runner_;
  std::atomic<wire::OperandCache::Owner> last_connection_ = 0;
  Sessions sessions_;  // last: its threads use the others
};

}  // namespace enxame::rpc
