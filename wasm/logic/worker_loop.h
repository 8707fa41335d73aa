#pragma once

#include <string>

#include "wasm/logic/backoff.h"
#include "wasm/logic/edge.h"
#include "wasm/logic/task_wire.h"
#include "wasm/logic/worker_options.h"
#include "wasm/logic/worker_status.h"

namespace enxame {

/// The worker's process loop: asks for a task, computes it, returns it, asks again. It is a state
/// machine that answers and timers step: each step does what is to be done now, starts one request
/// or one timer, and returns; nothing waits inside.
///
///   asking ──task──► computing ──► returning ──taken, or dropped──► asking
///     │ ▲                             │ ▲
///  no task, failure                 failure
///     ▼ │                             ▼ │
///   waiting                         waiting
///
/// A finished product is kept until the coordinator has answered to it, however long that takes.
class WorkerLoop {
 public:
  /// `edge` has to outlive the loop, and the loop every call back that it asked for.
  WorkerLoop(WorkerOptions options, Edge& edge);
  WorkerLoop(const WorkerLoop&) = delete;
  WorkerLoop& operator=(const WorkerLoop&) = delete;

  /// Asks for the first task. Call once.
  void start() { ask(); }

  const WorkerOptions& options() const { return options_; }
  const WorkerStatus& status() const { return status_; }

 private:
  /// A finished task on its way back.
  struct Outcome {
    std::uint64_t task = 0;
    std::string body;
    std::string_view media_type;
    WorkerPhases phases;
    bool is_product = false;
  };

  using Step = void (WorkerLoop::*)();

  void ask();
  void on_asked(const HttpAnswer& answer);
  void on_no_task();
  void compute(const HttpAnswer& answer);
  void multiply_operands(std::uint64_t task, const Operands& operands, Duration decode);
  void refuse(std::uint64_t task, const std::string& reason);
  void give_back();
  void on_given_back(const HttpAnswer& answer);
  void on_taken();
  void ask_when_due();

  void enter(WorkerState state, std::string message);
  void note_error(std::string error);
  void note_contact(const HttpAnswer& answer);
  void wait(std::chrono::milliseconds pause, Step next, std::string message);
  void try_again(Step next, const std::string& error);

  WorkerOptions options_;
  Edge& edge_;
  WorkerStatus status_;
  Backoff backoff_;
  Outcome outcome_;
  Duration asked_at_{};
  Duration received_at_{};
};

}  // namespace enxame
