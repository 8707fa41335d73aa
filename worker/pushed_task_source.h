#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "wire/operand_cache.h"
#include "worker/host.h"
#include "worker/task_executor.h"
#include "worker/task_source.h"
#include "worker/worker_options.h"
#include "worker/worker_progress.h"

namespace enxame::worker {

/// The dispatch `push`: a WebSocket stands, the coordinator sends a `multiply` over it
/// (wire/message.h), the worker answers with `product`, `refused` or `failed`, one task at a
/// time. What tiles share comes ahead of them (`operand`) and is kept as long as the connection
/// stands; a tile then only names it (`multiply kept`), and is answered with `missing` when it is
/// not there.
///
/// A connection that ends, or on which something else comes than a task, is replaced with the usual
/// back-off. What was being computed then is dropped: a call belongs to its connection, and the
/// coordinator hands the task to another.
class PushedTaskSource : public TaskSource, private WebSocketListener {
 public:
  /// All have to outlive the source, and the source every call back that it asked for.
  PushedTaskSource(const WorkerOptions& options, Host& host, WorkerProgress& progress,
                   TaskExecutor& executor)
      : options_(options), host_(host), progress_(progress), executor_(executor) {}

  void start() override { connect(); }
  std::string encode(std::uint64_t task, const Matrix& product) override;
  void give_back(Outcome outcome) override;

 private:
  void connect();
  void opened() override;
  void received(std::string_view message) override;
  void closed(std::string_view why) override;

  void read(std::string_view message, Duration received_at);
  void multiply(std::uint64_t id, std::string_view payload);
  void keep(std::string_view payload, Duration received_at);
  void read_kept(std::uint64_t id, std::string_view payload, Duration received_at);
  void disconnect(std::string why);

  const WorkerOptions& options_;
  Host& host_;
  WorkerProgress& progress_;
  TaskExecutor& executor_;
  std::unique_ptr<WebSocket> socket_;  // nothing between two connections
  wire::OperandCache operands_;
  Duration opened_at_{};
  bool is_computing_ = false;
  std::string lost_;  // why the connection ended while a task was computed
};

}  // namespace enxame::worker
