#include "worker/polling_task_source.h"

#include <chrono>
#include <optional>
#include <utility>

#include "wire/rest.h"
#include "worker/query.h"
#include "worker/task_wire.h"

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;

/// A lost packet shows as silence; this long after an answer was due it counts as none.
constexpr milliseconds kGrace{10'000};
constexpr milliseconds kReturnTimeout{60'000};

/// The pause after an answer of "no task" that came too early: somebody does not know long-polling
/// and must not be hammered.
constexpr milliseconds kEarlyPause{250};

/// Operands are named by the coordinator alone.
constexpr wire::OperandCache::Owner kCoordinator = 0;

std::string_view operands_parameter(Codec codec) {
  return codec == Codec::binary ? "&operands=digest" : "";
}

bool is_success(int status) { return status >= 200 && status < 300; }

/// The task is unknown, another's, or forgotten.
bool is_over(int status) { return status == 404 || status == 409 || status == 410; }

/// No answer, or one that says that another try may fare better.
bool is_passing(int status) { return status == 0 || status == 429 || status >= 500; }

}  // namespace

std::string PollingTaskSource::encode(std::uint64_t, const Matrix& product) {
  return encode_product(product, options_.codec);
}

/// Who asks, or answers.
std::string PollingTaskSource::own_name() const {
  const std::string name = "workerId=" + percent_encode(options_.worker_id);
  return options_.keeper.empty() ? name : name + "&keeper=" + percent_encode(options_.keeper);
}

/// For a worker with a keeper, which is told what its worker has by what that asks. A question
/// keeps its number until it is answered.
std::string PollingTaskSource::question() const {
  return options_.keeper.empty() ? "" : "&question=" + std::to_string(question_);
}

void PollingTaskSource::ask() {
  std::string target = "/task/next?" + own_name() + question();
  target += operands_parameter(options_.codec);
  if (is_long_poll()) target += "&wait=" + std::to_string(options_.wait.count());
  asked_at_ = host_.now();
  progress_.enter(WorkerState::asking, is_long_poll() ? "waiting for a task" : "asking for a task");
  host_.send({.method = "GET",
              .target = std::move(target),
              .headers = {{"Accept", wire::rest::media_type(options_.codec)}},
              .body = {},
              .timeout = kGrace + (is_long_poll() ? options_.wait : milliseconds(0))},
             [this](const HttpAnswer& answer) { on_asked(answer); });
}

void PollingTaskSource::on_asked(const HttpAnswer& answer) {
  const Duration received_at = note_contact(answer);
  if (answer.status == 200 || answer.status == 204) ++question_;
  if (answer.status == 200) return read(answer, received_at);
  if (answer.status == 204) return on_no_task();
  progress_.try_again([this] { ask(); }, "asked for a task: " + describe(answer));
}

void PollingTaskSource::on_no_task() {
  progress_.note_success();
  if (!is_long_poll()) return ask_when_due();
  if (host_.now() - asked_at_ >= options_.wait / 2) return ask();
  progress_.wait(
      kEarlyPause, [this] { ask(); }, "no task; the coordinator does not wait for one");
}

void PollingTaskSource::read(const HttpAnswer& answer, Duration received_at) {
  executor_.begin(received_at);
  lease_ = answer.header(wire::rest::kLeaseHeader);
  std::optional<Task> task;
  try {
    if (names_operand(answer)) return read_tile(answer, received_at);
    task = decode_task(answer, options_.codec);
  } catch (const AnswerError& error) {
    return progress_.try_again([this] { ask(); },
                               "asked for a task: got " + std::string(error.what()));
  }
  progress_.note_success();
  executor_.compute(*task, *this);
}

void PollingTaskSource::read_tile(const HttpAnswer& answer, Duration received_at) {
  tile_ = decode_named_tile(answer);
  progress_.note_success();
  if (!tile_.a) return executor_.compute({tile_.id, tile_.unreadable}, *this);
  tile_decode_ = host_.now() - received_at;
  if (const auto found = operands_.find(kCoordinator, tile_.b)) {
    return compute_tile(found->operand);
  }
  fetch_operand();
}

void PollingTaskSource::compute_tile(const wire::KeptMatrix& b) {
  const NamedTile tile = std::exchange(tile_, {});
  executor_.compute({tile.id, TileOperands{*tile.a, b}}, *this);
}

void PollingTaskSource::fetch_operand() {
  progress_.enter(WorkerState::computing,
                  "fetching what tiles share, for " + name_of_task(tile_.id));
  host_.send({.method = "GET",
              .target = "/operand/" + wire::to_hex(tile_.b),
              .headers = {{"Accept", wire::rest::media_type(Codec::binary)}},
              .body = {},
              .timeout = kReturnTimeout},
             [this](const HttpAnswer& operand) { on_operand(operand); });
}

void PollingTaskSource::on_operand(const HttpAnswer& answer) {
  const Duration received_at = note_contact(answer);
  const std::string what =
      "fetched what " + name_of_task(tile_.id) + " shares: " + describe(answer);
  if (is_passing(answer.status)) {
    return progress_.try_again([this] { fetch_operand(); }, what);
  }
  if (answer.status != 200) {  // the task is over, or another worker's by now
    tile_ = {};
    progress_.note_error(what + ", dropped");
    return ask_when_due();
  }
  // Only now is the task there as a whole; its A has been decoded already.
  executor_.begin(received_at - tile_decode_);
  try {
    const wire::KeptMatrix b = wire::kept(decode_operand(answer.body));
    operands_.keep(kCoordinator, tile_.b, b, {});
    progress_.note_success();
    compute_tile(b);
  } catch (const std::invalid_argument& error) {
    executor_.compute({std::exchange(tile_, {}).id, error.what()}, *this);
  }
}

void PollingTaskSource::give_back(Outcome outcome) {
  outcome_ = std::move(outcome);
  if (outcome_.ending != Ending::product) {
    outcome_.content = encode_no_product(outcome_.ending, outcome_.content);
  }
  return_outcome();
}

void PollingTaskSource::return_outcome() {
  const bool is_product = outcome_.ending == Ending::product;
  const Codec codec = is_product ? options_.codec : Codec::json;
  std::string target = "/task/" + std::to_string(outcome_.task) + "/result?" + own_name();
  if (!lease_.empty()) target += "&lease=" + percent_encode(lease_);
  HttpHeaders headers{{"Content-Type", wire::rest::media_type(codec)},
                      {wire::rest::kPreferHeader, wire::rest::kPreferMinimal}};
  if (is_long_poll()) {
    target += operands_parameter(options_.codec);
    target += question() + "&next=1&wait=" + std::to_string(options_.wait.count());
    headers.emplace_back("Accept", wire::rest::media_type(options_.codec));
    progress_.enter(WorkerState::asking,
                    "returning " + name_of_task(outcome_.task) + " and waiting for the next");
  } else {
    progress_.enter(WorkerState::returning, "returning " + name_of_task(outcome_.task));
  }
  const Duration now = host_.now();
  if (is_long_poll()) asked_at_ = now;
  if (is_product) {
    outcome_.phases.sent_at = now;
    headers.emplace_back(wire::rest::kWorkerTimingHeader, to_server_timing(outcome_.phases));
  }
  host_.send({.method = "POST",
              .target = std::move(target),
              .headers = std::move(headers),
              .body = outcome_.content,
              .timeout = kReturnTimeout + (is_long_poll() ? options_.wait : milliseconds(0))},
             [this](const HttpAnswer& answer) { on_returned(answer); });
}

void PollingTaskSource::on_returned(const HttpAnswer& answer) {
  const Duration received_at = note_contact(answer);
  if (is_success(answer.status)) return on_taken(answer, received_at);
  const std::string what = "returned " + name_of_task(outcome_.task) + ": " + describe(answer);
  // What a proxy answers in the coordinator's place says nothing of the task, unless it is that the
  // product is too large for it.
  if (is_passing(answer.status) || (is_foreign(answer) && answer.status != 413)) {
    return progress_.try_again([this] { return_outcome(); }, what);
  }
  if (answer.status == 413 && outcome_.ending == Ending::product) {
    // Nobody's product of this task would fit: say so, in place of every worker computing it in
    // turn.
    const std::string reason = "the product is too large for the coordinator: " + describe(answer);
    progress_.note_refusal(outcome_.task, reason);
    return give_back({outcome_.task, Ending::refused, reason});
  }
  outcome_ = {};
  if (is_over(answer.status)) {  // lost with a restart, or done by another
    progress_.note_error(what + ", dropped");
    return ask_when_due();
  }
  progress_.try_again([this] { ask(); }, what + ", dropped");
}

void PollingTaskSource::on_taken(const HttpAnswer& answer, Duration received_at) {
  if (outcome_.ending == Ending::product) progress_.note_completed();
  outcome_ = {};
  progress_.note_success();
  if (!is_long_poll()) return ask_when_due();
  if (answer.status == 204 || carries_task(answer)) ++question_;
  if (answer.status == 204) return on_no_task();
  if (carries_task(answer)) return read(answer, received_at);
  ask();  // the coordinator does not hand out the next task with its answer
}

void PollingTaskSource::ask_when_due() {
  const auto left = std::chrono::ceil<milliseconds>(asked_at_ + options_.interval - host_.now());
  if (is_long_poll() || left <= milliseconds(0)) return ask();
  progress_.wait(
      left, [this] { ask(); }, "asking again in " + to_words(left));
}

/// Returns when that is.
Duration PollingTaskSource::note_contact(const HttpAnswer& answer) {
  const Duration now = host_.now();
  if (answer.status != 0) progress_.note_contact(now);
  return now;
}

}  // namespace enxame::worker
