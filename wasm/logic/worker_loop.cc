#include "wasm/logic/worker_loop.h"

#include <new>
#include <utility>

#include "matmul/kernel.h"
#include "matmul/text_codec.h"

namespace enxame {
namespace {

using std::chrono::milliseconds;

/// A lost packet shows as silence; this long after an answer was due it counts as none.
constexpr milliseconds kGrace{10'000};
constexpr milliseconds kReturnTimeout{60'000};

/// The pause after an answer of "no task" that came too early: somebody does not know long-polling
/// and must not be hammered.
constexpr milliseconds kEarlyPause{250};

bool is_success(int status) { return status >= 200 && status < 300; }

/// No answer, or one that says that another try may fare better.
bool is_passing(int status) { return status == 0 || status == 429 || status >= 500; }

std::string named(std::uint64_t task) { return "task " + std::to_string(task); }

}  // namespace

WorkerLoop::WorkerLoop(WorkerOptions options, Edge& edge)
    : options_(std::move(options)), edge_(edge) {}

void WorkerLoop::ask() {
  const bool is_long = options_.dispatch == Dispatch::long_poll;
  std::string target = "/task/next?workerId=" + percent_encode(options_.worker_id);
  if (is_long) target += "&wait=" + std::to_string(options_.wait.count());
  asked_at_ = edge_.now();
  enter(WorkerState::asking, is_long ? "waiting for a task" : "asking for a task");
  edge_.send({.method = "GET",
              .target = std::move(target),
              .headers = {{"Accept", std::string(media_type(options_.codec))}},
              .body = {},
              .timeout = kGrace + (is_long ? options_.wait : milliseconds(0))},
             [this](const HttpAnswer& answer) { on_asked(answer); });
}

void WorkerLoop::on_asked(const HttpAnswer& answer) {
  received_at_ = edge_.now();
  note_contact(answer);
  if (answer.status == 200) return compute(answer);
  if (answer.status == 204) return on_no_task();
  try_again(&WorkerLoop::ask, "asked for a task: " + describe(answer));
}

void WorkerLoop::on_no_task() {
  backoff_.reset();
  if (options_.dispatch == Dispatch::poll) return ask_when_due();
  if (edge_.now() - asked_at_ >= options_.wait / 2) return ask();
  wait(kEarlyPause, &WorkerLoop::ask, "no task; the coordinator does not wait for one");
}

void WorkerLoop::compute(const HttpAnswer& answer) {
  enter(WorkerState::computing, "reading a task");
  try {
    const Duration started = edge_.now();
    const Task task = decode_task(answer, options_.codec);
    const Duration decode = edge_.now() - started;
    backoff_.reset();
    if (const auto* reason = std::get_if<std::string>(&task.content)) {
      refuse(task.id, *reason);
    } else {
      multiply_operands(task.id, std::get<Operands>(task.content), decode);
    }
  } catch (const AnswerError& error) {
    return try_again(&WorkerLoop::ask, "asked for a task: got " + std::string(error.what()));
  }
  give_back();
}

void WorkerLoop::multiply_operands(std::uint64_t task, const Operands& operands, Duration decode) {
  const Shape a = operands.a.shape();
  const Shape b = operands.b.shape();
  enter(WorkerState::computing,
        "multiplying " + to_string(a) + " by " + to_string(b) + " (" + named(task) + ")");
  try {
    const Duration started = edge_.now();
    const Matrix product = multiply(operands.a, operands.b, options_.kernel);
    const Duration computed = edge_.now();
    std::string body = encode_product(product, options_.codec);
    const WorkerPhases phases{decode, computed - started, edge_.now() - computed, received_at_};
    status_.last = Multiplication{task, a, b, phases};
    outcome_ = {task, std::move(body), media_type(options_.codec), phases, true};
  } catch (const std::invalid_argument& error) {
    refuse(task, error.what());
  } catch (const std::bad_alloc&) {
    refuse(task,
           "this worker's memory is too small for " + to_string(a) + " times " + to_string(b));
  }
}

void WorkerLoop::refuse(std::uint64_t task, const std::string& reason) {
  ++status_.refused;
  note_error("cannot compute " + named(task) + ": " + reason);
  outcome_ = {task, encode_error(reason), media_type(Codec::json), {}, false};
}

void WorkerLoop::give_back() {
  enter(WorkerState::returning, "returning " + named(outcome_.task));
  HttpHeaders headers{{"Content-Type", std::string(outcome_.media_type)},
                      {"Prefer", "return=minimal"}};
  if (outcome_.is_product) {
    outcome_.phases.sent_at = edge_.now();
    headers.emplace_back("Enxame-Timing", to_server_timing(outcome_.phases));
  }
  edge_.send({.method = "POST",
              .target = "/task/" + std::to_string(outcome_.task) +
                        "/result?workerId=" + percent_encode(options_.worker_id),
              .headers = std::move(headers),
              .body = outcome_.body,
              .timeout = kReturnTimeout},
             [this](const HttpAnswer& answer) { on_given_back(answer); });
}

void WorkerLoop::on_given_back(const HttpAnswer& answer) {
  note_contact(answer);
  const std::string what = "returned " + named(outcome_.task) + ": " + describe(answer);
  if (is_success(answer.status)) return on_taken();
  if (is_passing(answer.status)) return try_again(&WorkerLoop::give_back, what);
  if (answer.status == 413 && outcome_.is_product) {
    // Nobody's product of this task would fit: say so, in place of every worker computing it in
    // turn.
    refuse(outcome_.task, "the product is too large for the coordinator: " + describe(answer));
    return give_back();
  }
  outcome_ = {};
  if (answer.status == 404 || answer.status == 409) {  // lost with a restart, or done by another
    note_error(what + ", dropped");
    return ask_when_due();
  }
  try_again(&WorkerLoop::ask, what + ", dropped");
}

void WorkerLoop::on_taken() {
  if (outcome_.is_product) ++status_.completed;
  outcome_ = {};
  backoff_.reset();
  ask_when_due();
}

void WorkerLoop::ask_when_due() {
  const auto left = std::chrono::ceil<milliseconds>(asked_at_ + options_.interval - edge_.now());
  if (options_.dispatch == Dispatch::long_poll || left <= milliseconds(0)) return ask();
  wait(left, &WorkerLoop::ask, "asking again in " + to_words(left));
}

void WorkerLoop::enter(WorkerState state, std::string message) {
  status_.state = state;
  status_.message = std::move(message);
  edge_.changed();
}

void WorkerLoop::note_error(std::string error) {
  ++status_.errors;
  status_.last_error = std::move(error);
}

void WorkerLoop::note_contact(const HttpAnswer& answer) {
  if (answer.status != 0) status_.contact = edge_.now();
}

void WorkerLoop::wait(milliseconds pause, Step next, std::string message) {
  enter(WorkerState::waiting, std::move(message));
  edge_.after(pause, [this, next] { (this->*next)(); });
}

void WorkerLoop::try_again(Step next, const std::string& error) {
  note_error(error);
  const milliseconds pause = backoff_.next();
  wait(pause, next,
       error + "; trying again in " + to_words(pause) + " (failure " +
           std::to_string(backoff_.failures()) + " in a row)");
}

}  // namespace enxame
