#pragma once

#include <cstddef>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "matmul/timing/stopwatch.h"
#include "native-baseline/local/fifo_gate.h"
#include "native-baseline/local/memory_budget.h"
#include "native-baseline/local/multiplier.h"
#include "native-baseline/rpc/memory_parts.h"
#include "native-baseline/rpc/server.h"
#include "native-baseline/rpc/worker_observer.h"
#include "wire/kept_operand.h"
#include "wire/message.h"
#include "wire/operand_cache.h"
#include "wire/outgoing_message.h"

namespace enxame::rpc {

/// Computes the tasks of a worker, whatever they arrived over: one at a time, in the order in which
/// they arrived, each by the thread that brings it. Thread-safe.
class TaskRunner {
 public:
  /// No product with a larger payload than `options` allow is made, and of the memory no more than
  /// `parts` is used. `multiplier`, and the observer where there is one, must outlive this.
  TaskRunner(native::Multiplier& multiplier, const WorkerServerOptions& options,
             const MemoryParts& parts);

  /// For messages and products: whoever brings tasks has a share.
  const native::MemoryBudget& memory() const { return memory_; }

  /// Where a product is made, and what of the memory that and its task have taken.
  struct Room {
    explicit Room(const native::MemoryBudget& memory) : share(memory) {}

    wire::Buffer product;
    native::MemoryBudget::Share share;
  };

  /// Whether somebody still waits for the answer; asked when the turn has come.
  using Wanted = std::function<bool()>;

  /// The answer to a `multiply` message that had arrived whole when `watch` was started, or nothing
  /// when nobody wants it. It refers to the product in `room`.
  std::optional<wire::OutgoingMessage> answer(const wire::Message& request, Room& room,
                                              Stopwatch watch, const Wanted& wanted);

  /// Keeps what the payload of an `operand` message brings; throws as keep_operand() does.
  void keep(wire::OperandCache::Owner owner, wire::Buffer payload) {
    wire::keep_operand(operands_, owner, std::move(payload));
  }

  /// Drops what was kept of that owner.
  void forget(wire::OperandCache::Owner owner) { operands_.forget(owner); }

  /// The answer to a `multiply kept` message of that owner, as answer() gives it; `missing` comes
  /// at once and is no task.
  std::optional<wire::OutgoingMessage> answer_kept(const wire::Message& request,
                                                   wire::OperandCache::Owner owner, Room& room,
                                                   Stopwatch watch, const Wanted& wanted);

  /// The same for a task in another form. `work` computes it with multiply() and fills the report;
  /// what it throws becomes the answer that `fail` makes: `refused` for what is wrong with the task
  /// (std::invalid_argument), `failed` for the rest, but for ProtocolError, which passes.
  template <typename Answer>
  std::optional<Answer> run(
      Stopwatch watch, const Wanted& wanted, const std::function<Answer(TaskReport&)>& work,
      const std::function<Answer(wire::MessageKind, const std::string&)>& fail) {
    TaskReport report;
    report.phases.received_at = watch.lap_began_at();
    const native::FifoGate::Pass pass(turn_);
    report.queue = watch.lap();
    if (!wanted()) return std::nullopt;
    std::optional<Answer> answer;
    try {
      answer.emplace(work(report));
      report.outcome = wire::MessageKind::product;
    } catch (const std::invalid_argument& error) {
      report.outcome = wire::MessageKind::refused;
      answer.emplace(fail(report.outcome, error.what()));
    } catch (const wire::ProtocolError&) {
      throw;
    } catch (const std::bad_alloc&) {
      report.outcome = wire::MessageKind::failed;
      answer.emplace(fail(report.outcome, "out of memory"));
    } catch (const std::exception& error) {
      report.outcome = wire::MessageKind::failed;
      answer.emplace(fail(report.outcome, error.what()));
    }
    report.sent_bytes = answer->size();
    if (observer_ != nullptr) observer_->answered(report);
    return answer;
  }

  /// For `work`: computes a `multiply` message, whose decoding began with `watch`.
  wire::OutgoingMessage multiply(const wire::Message& request, Room& room, Stopwatch watch,
                                 TaskReport& report);

  /// For `work`: throws ShapeError for a product that would take more than a message may, as told
  /// before it is computed.
  void check_product(Shape shape, std::size_t bytes) const;

  /// For `work`: A·B into `c`, room for as many values as it has.
  void multiply(MatrixView a, MatrixView b, double* c) { multiplier_.multiply(a, b, c); }

 private:
  /// Answers for C = A·B, for which the factors were found.
  wire::OutgoingMessage make_product(std::uint64_t call_id, MatrixView a, MatrixView b, Room& room,
                                     Stopwatch watch, WorkerPhases& phases);

  native::Multiplier& multiplier_;
  const std::size_t max_payload_bytes_;
  WorkerObserver* const observer_;
  wire::OperandCache operands_;
  native::MemoryBudget memory_;
  native::FifoGate turn_{1};
};

}  // namespace enxame::rpc
