#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "matmul/kept_operand.h"
#include "matmul/message.h"
#include "matmul/operand_cache.h"
#include "matmul/outgoing_message.h"
#include "matmul/stopwatch.h"
#include "native-baseline/fifo_gate.h"
#include "native-baseline/multiplier.h"
#include "native-baseline/rpc/worker_observer.h"

namespace enxame::rpc {

/// Computes the tasks of a worker, whatever they arrived over: one at a time, in the order in which
/// they arrived, each by the thread that brings it. Thread-safe.
class TaskRunner {
 public:
  /// No product with a larger payload is made. `multiplier` and `observer`, where there is one,
  /// must outlive this.
  TaskRunner(Multiplier& multiplier, std::size_t max_payload_bytes, WorkerObserver* observer)
      : multiplier_(multiplier), max_payload_bytes_(max_payload_bytes), observer_(observer) {}

  /// Whether somebody still waits for the answer; asked when the turn has come.
  using Wanted = std::function<bool()>;

  /// The answer to a `multiply` message that had arrived whole when `watch` was started, or nothing
  /// when nobody wants it. It refers to `product`, in which the product is made.
  std::optional<OutgoingMessage> answer(const Message& request, Buffer& product, Stopwatch watch,
                                        const Wanted& wanted);

  /// Keeps what the payload of an `operand` message brings; throws as keep_operand() does.
  void keep(OperandCache::Owner owner, Buffer payload) {
    keep_operand(operands_, owner, std::move(payload));
  }

  /// Drops what was kept of that owner.
  void forget(OperandCache::Owner owner) { operands_.forget(owner); }

  /// The answer to a `multiply kept` message of that owner, as answer() gives it; `missing` comes
  /// at once and is no task.
  std::optional<OutgoingMessage> answer_kept(const Message& request, OperandCache::Owner owner,
                                             Buffer& product, Stopwatch watch,
                                             const Wanted& wanted);

  /// The same for a task in another form. `work` computes it with multiply() and fills the report;
  /// what it throws becomes the answer that `fail` makes: `refused` for what is wrong with the task
  /// (std::invalid_argument), `failed` for the rest, but for ProtocolError, which passes.
  template <typename Answer>
  std::optional<Answer> run(Stopwatch watch, const Wanted& wanted,
                            const std::function<Answer(TaskReport&)>& work,
                            const std::function<Answer(MessageKind, const std::string&)>& fail) {
    TaskReport report;
    report.phases.received_at = watch.lap_began_at();
    const FifoGate::Pass pass(turn_);
    report.queue = watch.lap();
    if (!wanted()) return std::nullopt;
    std::optional<Answer> answer;
    try {
      answer.emplace(work(report));
      report.outcome = MessageKind::product;
    } catch (const std::invalid_argument& error) {
      report.outcome = MessageKind::refused;
      answer.emplace(fail(report.outcome, error.what()));
    } catch (const ProtocolError&) {
      throw;
    } catch (const std::exception& error) {
      report.outcome = MessageKind::failed;
      answer.emplace(fail(report.outcome, error.what()));
    }
    report.sent_bytes = answer->size();
    if (observer_ != nullptr) observer_->answered(report);
    return answer;
  }

  /// For `work`: computes a `multiply` message, whose decoding began with `watch`.
  OutgoingMessage multiply(const Message& request, Buffer& product, Stopwatch watch,
                           TaskReport& report);

  /// For `work`: A·B in `product`. Throws std::invalid_argument when it does not exist or is too
  /// large.
  MatrixView multiply(MatrixView a, MatrixView b, Buffer& product);

 private:
  /// Answers for C = A·B, for which the factors were found.
  OutgoingMessage make_product(std::uint64_t call_id, MatrixView a, MatrixView b, Buffer& product,
                               Stopwatch watch, WorkerPhases& phases);

  Multiplier& multiplier_;
  std::size_t max_payload_bytes_;
  WorkerObserver* observer_;
  OperandCache operands_;
  FifoGate turn_{1};
};

}  // namespace enxame::rpc
