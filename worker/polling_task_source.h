#pragma once

#include <cstdint>
#include <string>

#include "wire/operand_cache.h"
#include "worker/host.h"
#include "worker/task_executor.h"
#include "worker/task_source.h"
#include "worker/task_wire.h"
#include "worker/worker_options.h"
#include "worker/worker_progress.h"

namespace enxame::worker {

/// The dispatches `poll` and `long-poll`: asks the coordinator's REST API for a task, returns what
/// became of it, asks again. A state machine that answers and timers step: each step does what is
/// to be done now, starts one request or one timer, and returns; nothing waits inside.
///
/// A long poll for the next task rides on the request that returns the last one, so that a task
/// costs one request. With the binary codec it says that it keeps operands: a tile then comes
/// without its B, which is asked for by its digest unless it is kept from another tile. A finished
/// product is kept until the coordinator has answered to it, however long that takes.
class PollingTaskSource : public TaskSource {
 public:
  /// All have to outlive the source, and the source every call back that it asked for.
  PollingTaskSource(const WorkerOptions& options, Host& host, WorkerProgress& progress,
                    TaskExecutor& executor)
      : options_(options), host_(host), progress_(progress), executor_(executor) {}

  void start() override { ask(); }
  std::string encode(std::uint64_t task, const Matrix& product) override;
  void give_back(Outcome outcome) override;

 private:
  bool is_long_poll() const { return options_.dispatch == Dispatch::long_poll; }
  std::string own_name() const;
  std::string question() const;

  void ask();
  void on_asked(const HttpAnswer& answer);
  void on_no_task();
  void read(const HttpAnswer& answer, Duration received_at);
  void read_tile(const HttpAnswer& answer, Duration received_at);
  void compute_tile(const wire::KeptMatrix& b);
  void fetch_operand();
  void on_operand(const HttpAnswer& answer);
  void return_outcome();
  void on_returned(const HttpAnswer& answer);
  void on_taken(const HttpAnswer& answer, Duration received_at);
  void ask_when_due();
  Duration note_contact(const HttpAnswer& answer);

  const WorkerOptions& options_;
  Host& host_;
  WorkerProgress& progress_;
  TaskExecutor& executor_;
  wire::OperandCache operands_;
  NamedTile tile_;  // whose B is being fetched
  Duration tile_decode_{};
  std::string lease_;  // of the task in hand; empty: the coordinator knows none
  Outcome outcome_;
  Duration asked_at_{};
  std::uint64_t question_ = 1;  // that is asked next, or was and has no answer yet
};

}  // namespace enxame::worker
