#pragma once

#include "native-baseline/rpc/server.h"
#include "native-baseline/rpc/sessions.h"
#include "native-baseline/rpc/task_runner.h"

namespace enxame::rpc {

/// A worker that speaks as the original system's did (rpc/text_wire.h): a connection for each call,
/// JSON text read byte by byte. Computes one task at a time, as WorkerServer does. What is no task
/// is told so and costs its own connection only.
class TextServer : public Server {
 public:
  /// A task takes a text that moves as it grows (3 times), its copy (1) and its numbers, of which
  /// "1," is the shortest (4); the product's text, twice where it moves (2), and numbers, which
  /// have 25 characters (1).
  static constexpr MemoryDivision kMemory{.times_a_message = 11};

  /// As WorkerServer's; `max_payload_bytes` bounds a text.
  TextServer(const WorkerServerOptions& options, native::Multiplier& multiplier);
  ~TextServer() override;
  TextServer(const TextServer&) = delete;
  TextServer& operator=(const TextServer&) = delete;

  std::uint16_t port() const override { return sessions_.port(); }
  bool drain(std::chrono::milliseconds patience) override { return sessions_.drain(patience); }

 private:
  void converse(Channel& channel);
  std::optional<std::string> answer(const std::string& text, const Channel& channel,
                                    native::MemoryBudget::Share& share);
  std::string multiply(const std::string& text, TaskReport& report,
                       native::MemoryBudget::Share& share);

  const WorkerServerOptions options_;
  TaskRunner runner_;
  Sessions sessions_;  // last: its threads use the others
};

}  // namespace enxame::rpc
