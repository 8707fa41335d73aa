#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "matmul/matrix.h"
#include "matmul/timing/phases.h"
#include "wire/message.h"
#include "wire/outgoing_message.h"
#include "worker/engine.h"
#include "worker/native/child_process.h"

namespace enxame::worker {

/// An engine that has ended and cannot be started again: its worker is of no more use.
class EngineGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An engine that is another program: it reads `multiply` messages on its stdin and answers them on
/// its stdout, as stdio-worker does. It ends with this.
class ChildEngine : public Engine {
 public:
  /// How long it may take from its start to its first product, of two numbers.
  static constexpr std::chrono::milliseconds kStartLimit{60'000};

  /// `command`: a program and its arguments, as a shell reads them; `task_limit`: how long it may
  /// take for a task, its start left out, 0 being as long as it takes.
  explicit ChildEngine(std::string command, std::chrono::milliseconds task_limit = {},
                       std::chrono::milliseconds start_limit = kStartLimit)
      : command_(std::move(command)), task_limit_(task_limit), start_limit_(start_limit) {}

  /// Starts it, and returns when it has multiplied once. Throws EngineError when it does not.
  void start();

  /// Throws EngineError, too, when it ends meanwhile, takes longer than it may, or answers anything
  /// else than a product of that shape; then the next multiplication starts it again, or throws
  /// EngineGone. What that takes counts as the way there.
  Travel multiply(MatrixView a, MatrixView b, double* c) override;

  /// From the start of the program to its first product, the last time that it was started.
  Duration started_in() const { return started_in_; }

  /// Kills it, for another thread: a start or a multiplication that it is at throws.
  void kill() noexcept;

 private:
  void prove();
  Travel ask(MatrixView a, MatrixView b, double* c, std::chrono::milliseconds limit);
  wire::MessageHeader receive_head(std::uint64_t call_id);
  bool send(const wire::OutgoingMessage& message);
  bool await_room() const;
  short await(short events) const;
  void receive(char* out, std::size_t size);
  WorkerPhases receive_product(const wire::MessageHeader& header, Shape shape, double* c);
  std::string receive_reason(const wire::MessageHeader& header);
  [[noreturn]] void reject(const std::string& what);
  [[noreturn]] void lose(const std::string& how);

  const std::string command_;
  const std::chrono::milliseconds task_limit_;
  const std::chrono::milliseconds start_limit_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // of what it is asked now
  std::mutex mutex_;                                               // of child_, for kill()
  std::unique_ptr<ChildProcess> child_;
  std::uint64_t last_call_ = 0;
  Duration started_in_{};
};

}  // namespace enxame::worker
