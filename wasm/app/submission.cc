#include "wasm/app/submission.h"

#include <stdexcept>
#include <utility>

#include "json/reader.h"
#include "json/writer.h"
#include "matmul/codec/text_codec.h"
#include "matmul/verify/product_verifier.h"
#include "wasm/app/matrix_preview.h"
#include "wire/rest.h"
#include "worker/server_timing.h"
#include "worker/worker_options.h"

namespace enxame::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeout{60'000};
constexpr milliseconds kGrace{10'000};

/// The coordinator tells at once that a task is finished, but not that a worker has taken it: short
/// questions show that, too.
constexpr milliseconds kFirstWait{100};
constexpr milliseconds kWait{1'000};

/// Enough that no two submissions have the same key.
constexpr std::size_t kKeyLetters = 20;

/// Between two questions that do not wait.
constexpr milliseconds kPause{500};

/// Whether another try may fare better. What a proxy answers in the coordinator's place may be over
/// soon, but for matrices that it does not pass on.
bool is_passing(const worker::HttpAnswer& answer) {
  if (worker::is_foreign(answer)) return answer.status != 413;
  return answer.status == 0 || answer.status == 429 || answer.status >= 500;
}

std::string to_body(const worker::Operands& operands) {
  return json::Writer()
      .open_object()
      .member("A", encode_text(operands.a))
      .member("B", encode_text(operands.b))
      .close_object()
      .take();
}

std::uint64_t read_task_id(std::string_view body) {
  std::optional<std::uint64_t> id;
  json::Reader json(body);
  json.object([&](std::string_view key) {
    if (key == "taskId") {
      id = json.whole_number();
    } else {
      json.skip();
    }
  });
  json.end();
  if (!id) throw json::Error("JSON: expected a taskId");
  return *id;
}

/// The answer to GET /result/:id; the texts are the reader's.
struct TaskState {
  std::string_view status;
  std::string_view result;
  std::string_view error;
};

TaskState read_task_state(json::Reader& json) {
  TaskState state;
  json.object([&](std::string_view key) {
    if (key == "status") {
      state.status = json.string();
    } else if (key == "result" && state.status == "completed") {
      state.result = json.string();
    } else if (key == "error") {
      state.error = json.string();
    } else {
      json.skip();
    }
  });
  json.end();
  return state;
}

}  // namespace

std::string_view to_string(SubmissionState state) {
  switch (state) {
    case SubmissionState::submitting:
      return "submitting";
    case SubmissionState::pending:
      return "pending";
    case SubmissionState::processing:
      return "processing";
    case SubmissionState::completed:
      return "completed";
    case SubmissionState::failed:
      return "failed";
    case SubmissionState::lost:
      return "lost";
  }
  return {};
}

Submission::Submission(std::uint64_t number, worker::Operands operands, worker::Host& host,
                       LongPolls& long_polls)
    : number_(number),
      operands_(std::move(operands)),
      a_shape_(operands_->a.shape()),
      b_shape_(operands_->b.shape()),
      host_(host),
      long_polls_(long_polls) {}

bool Submission::is_active() const {
  return state_ == SubmissionState::submitting || state_ == SubmissionState::pending ||
         state_ == SubmissionState::processing;
}

bool Submission::may_restart() const {
  return state_ == SubmissionState::failed || state_ == SubmissionState::lost;
}

Duration Submission::elapsed() const {
  return (is_active() ? host_.now() : ended_at_) - started_at_;
}

void Submission::start() {
  if (started_ && !may_restart()) {
    throw std::logic_error("submission " + std::to_string(number_) + " is " +
                           std::string(to_string(state_)) + ": expected failed or lost");
  }
  started_ = true;
  started_at_ = host_.now();
  key_ = worker::random_name(kKeyLetters);
  task_.reset();
  asked_ = 0;
  backoff_.reset();
  submit();
}

void Submission::submit() {
  enter(SubmissionState::submitting, "sending the matrices");
  const std::string body = to_body(*operands_);
  send({.method = "POST",
        .target = "/task",
        .headers = {{"Content-Type", wire::rest::kJsonType}, {wire::rest::kKeyHeader, key_}},
        .body = body,
        .timeout = kTimeout},
       [](Submission& self, const worker::HttpAnswer& answer) { self.on_submitted(answer); });
}

void Submission::on_submitted(const worker::HttpAnswer& answer) {
  if (is_passing(answer)) return try_again(&Submission::submit, worker::describe(answer));
  if (answer.status != 200) {
    const std::string who =
        worker::is_foreign(answer) ? "it did not arrive: " : "the coordinator refused it: ";
    return settle(SubmissionState::failed, who + worker::describe(answer));
  }
  try {
    task_ = read_task_id(answer.body);
  } catch (const json::Error& error) {
    return settle(SubmissionState::failed,
                  "the coordinator's answer gives no task number: " + std::string(error.what()));
  }
  backoff_.reset();
  enter(SubmissionState::pending, "queued");
  ask();
}

void Submission::ask() {
  auto leave = long_polls_.take();
  milliseconds wait{0};
  if (leave) wait = asked_++ == 0 ? kFirstWait : kWait;
  send({.method = "GET",
        .target = "/result/" + std::to_string(*task_) + "?wait=" + std::to_string(wait.count()),
        .headers = {{"Accept", wire::rest::kJsonType}},
        .body = {},
        .timeout = wait + kGrace},
       [leave, wait, asked_at = host_.now()](Submission& self,
                                             const worker::HttpAnswer& answer) mutable {
         leave.reset();
         self.on_asked(answer, wait, asked_at);
       });
}

void Submission::on_asked(const worker::HttpAnswer& answer, milliseconds wait, Duration asked_at) {
  if (is_passing(answer)) return try_again(&Submission::ask, worker::describe(answer));
  if (answer.status == 404 || answer.status == 410) {
    return settle(SubmissionState::lost, "the coordinator does not know task " +
                                             std::to_string(*task_) +
                                             " any more: it was restarted, or has forgotten it");
  }
  if (answer.status != 200) {
    return settle(SubmissionState::failed, "asked for the product: " + worker::describe(answer));
  }
  backoff_.reset();
  try {
    read_state(answer);
  } catch (const json::Error& error) {
    return settle(SubmissionState::failed,
                  "the coordinator's answer: " + std::string(error.what()));
  }
  if (!is_active()) return;
  // An answer that did not wait comes from somebody who does not know long-polling, or was not
  // asked to.
  const bool waited = wait > milliseconds(0) && host_.now() - asked_at >= wait / 2;
  waited ? ask() : after(kPause, &Submission::ask);
}

void Submission::read_state(const worker::HttpAnswer& answer) {
  json::Reader json(answer.body);
  const TaskState state = read_task_state(json);
  if (state.status == "pending") {
    enter(SubmissionState::pending, "queued, waiting for a worker");
  } else if (state.status == "processing") {
    enter(SubmissionState::processing, "a worker has it");
  } else if (state.status == "completed") {
    take_product(answer, state.result);
  } else if (state.status == "failed" || state.status == "cancelled") {
    settle(SubmissionState::failed,
           state.error.empty() ? "the coordinator gives no reason" : std::string(state.error));
  } else {
    settle(SubmissionState::failed,
           "the coordinator says \"" + std::string(state.status) +
               "\": expected pending, processing, completed, failed or cancelled");
  }
}

void Submission::take_product(const worker::HttpAnswer& answer, std::string_view text) {
  try {
    const Matrix product = decode_text<double>(text);
    const ProductVerifier verifier(Verify::all);
    if (verifier.find_wrong_row(operands_->a, operands_->b, product)) {
      return settle(SubmissionState::failed,
                    "what came back is not A·B. After a restart of the coordinator task " +
                        std::to_string(*task_) + " may be somebody else's");
    }
    preview_ = preview(product);
  } catch (const std::invalid_argument& error) {
    return settle(SubmissionState::failed,
                  "what came back is not the product: " + std::string(error.what()));
  }
  product_text_ = text;
  worker_ = answer.header(wire::rest::kWorkerHeader);
  timing_ = worker::server_timing_in_words(answer.header(wire::rest::kProductTimingHeader));
  operands_.reset();
  settle(SubmissionState::completed, "checked against A and B (Freivalds' test)");
}

void Submission::enter(SubmissionState state, std::string message) {
  state_ = state;
  message_ = std::move(message);
  host_.changed();
}

void Submission::settle(SubmissionState state, std::string message) {
  ended_at_ = host_.now();
  enter(state, std::move(message));
}

void Submission::send(const worker::HttpRequest& request,
                      std::function<void(Submission&, const worker::HttpAnswer&)> then) {
  host_.send(request,
             [weak = weak_from_this(), then = std::move(then)](const worker::HttpAnswer& answer) {
               if (const auto self = weak.lock()) then(*self, answer);
             });
}

void Submission::after(milliseconds pause, Step next) {
  host_.after(pause, [weak = weak_from_this(), next] {
    if (const auto self = weak.lock()) ((*self).*next)();
  });
}

void Submission::try_again(Step next, const std::string& error) {
  const milliseconds pause = backoff_.next();
  enter(state_, "the coordinator does not serve: " + error + "; trying again in " +
                    worker::to_words(pause) + " (failure " + std::to_string(backoff_.failures()) +
                    " in a row)");
  after(pause, next);
}

}  // namespace enxame::app
