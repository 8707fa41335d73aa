#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/backoff.h"
#include "worker/host.h"
#include "worker/operands.h"

namespace enxame::app {

/// How many questions that wait for their answer (long-polls) may be open at once. A browser opens
/// six connections to a server, for all of its tabs together, and the workers in other tabs need
/// theirs.
class LongPolls {
 public:
  explicit LongPolls(int most) : most_(most) {}

  /// Leave to open one; it ends when the last copy is gone. Empty when all are taken.
  std::shared_ptr<const char> take() { return token_.use_count() > most_ ? nullptr : token_; }

 private:
  int most_;
  std::shared_ptr<const char> token_ = std::make_shared<const char>('\0');
};

enum class SubmissionState {
  submitting,  ///< the two matrices are on their way
  pending,     ///< the coordinator has the task, no worker yet
  processing,  ///< a worker has it
  completed,   ///< the product is here, and it passed the check
  failed,      ///< the task was refused or given up, or its product is wrong
  lost,  ///< the coordinator does not know the task (any more): it was restarted, or has forgotten
         ///< it
};

/// "submitting", "pending", "processing", "completed", "failed" or "lost".
std::string_view to_string(SubmissionState state);

/// One multiplication that a person submitted, followed until its product is here. Like the
/// worker's loop, a state machine that answers and timers step. While the coordinator is away it
/// tries again, ever more slowly (see Backoff), and says so. It may be dropped at any time: answers
/// that come later are ignored.
class Submission : public std::enable_shared_from_this<Submission> {
 public:
  /// `operands` must have a product. `host` and `long_polls` have to outlive the submission.
  Submission(std::uint64_t number, worker::Operands operands, worker::Host& host,
             LongPolls& long_polls);

  /// Submits. May be called again once the submission is failed or lost; throws std::logic_error in
  /// any other state.
  void start();

  std::uint64_t number() const { return number_; }
  SubmissionState state() const { return state_; }
  bool is_active() const;
  bool may_restart() const;
  std::optional<std::uint64_t> task() const { return task_; }
  Shape a_shape() const { return a_shape_; }
  Shape b_shape() const { return b_shape_; }
  const std::string& message() const { return message_; }  ///< what is happening, in words
  const std::string& worker() const { return worker_; }    ///< who computed it, when that is known
  const std::string& timing() const {
    return timing_;
  }                          ///< where the time went, when that is known
  Duration elapsed() const;  ///< since start(), until now or the end

  /// The product as the coordinator sent it; empty unless completed.
  const std::string& product_text() const { return product_text_; }
  /// Its abbreviation (see matrix_preview.h).
  const std::vector<std::vector<std::string>>& product_preview() const { return preview_; }

 private:
  using Step = void (Submission::*)();

  void submit();
  void on_submitted(const worker::HttpAnswer& answer);
  void ask();
  void on_asked(const worker::HttpAnswer& answer, std::chrono::milliseconds wait,
                Duration asked_at);
  void read_state(const worker::HttpAnswer& answer);
  void take_product(const worker::HttpAnswer& answer, std::string_view text);

  void enter(SubmissionState state, std::string message);
  void settle(SubmissionState state, std::string message);
  void send(const worker::HttpRequest& request,
            std::function<void(Submission&, const worker::HttpAnswer&)> then);
  void after(std::chrono::milliseconds pause, Step next);
  void try_again(Step next, const std::string& error);

  std::uint64_t number_;
  std::optional<worker::Operands> operands_;  ///< gone once the product is here
  Shape a_shape_;
  Shape b_shape_;
  worker::Host& host_;
  LongPolls& long_polls_;

  SubmissionState state_ = SubmissionState::submitting;
  bool started_ = false;
  std::string message_;
  std::string key_;  // by which the coordinator knows it again when it is sent twice
  std::optional<std::uint64_t> task_;
  Duration started_at_{};
  Duration ended_at_{};
  worker::Backoff backoff_;
  int asked_ = 0;
  std::string worker_;
  std::string timing_;
  std::string product_text_;
  std::vector<std::vector<std::string>> preview_;
};

}  // namespace enxame::app
