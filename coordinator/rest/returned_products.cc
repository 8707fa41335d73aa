#include "coordinator/rest/returned_products.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "coordinator/rest/answers.h"
#include "coordinator/rest/request_values.h"
#include "json/envelope.h"

namespace enxame::coordinator {

namespace {

/// The product in the body, unchecked; nothing where there is none.
std::optional<Result> product_in(const http::Request& request) {
  const Codec codec = body_codec(request);
  if (codec == Codec::binary) return Result{codec, request.body};
  try {
    const json::Envelope envelope(request.body);
    if (envelope.has("result")) return Result{codec, std::string(envelope.text("result"))};
  } catch (const json::EnvelopeError&) {
    // It changes nothing, so that it need not be understood.
  }
  return std::nullopt;
}

/// Of a product that is another one than the task has.
http::Error contradiction(TaskId id) {
  return {409, "task " + std::to_string(id) +
                   " is completed with another product, which stays; this one is noted with it"};
}

}  // namespace

http::Response ReturnedProducts::take(http::Request& request) {
  const TaskId id = parse_task_id(request.id);
  const std::uint64_t generation = lease(request);
  const auto task = broker_.held(id, Holder::answering(worker_id(request), generation));
  if (generation != 0) broker_.saw(worker_id(request));
  if (!task) return take_second(id, request);
  // From its holder: whatever is wrong with the answer, the task does not wait for another.
  try {
    if (wants_next(request)) check_question(request);
    return taken_answer(settle(request, *task), request);
  } catch (const http::Error& error) {
    if (!task->is_late) broker_.nack(*task, error.what());
    throw;
  } catch (const std::invalid_argument& error) {
    if (task->is_late) throw http::Error(409, error.what());
    broker_.nack(*task, std::string("the result is not taken: ") + error.what());
    throw http::Error(400, error.what());
  }
}

/// Does what the holder of a task says of it. Throws http::Error or std::invalid_argument for what
/// cannot be understood.
TaskView ReturnedProducts::settle(http::Request& request, const HeldTask& task) {
  const Codec codec = body_codec(request);
  const WorkerPhases phases = worker_phases(request);
  try {
    if (codec == Codec::json) return take_json(request, task, phases);
    return broker_.complete(
        task, task.worker,
        parse_result(Codec::binary, std::move(request.body), task.operands->product), phases);
  } catch (const NotFinite& error) {
    return broker_.overflowed(task, task.worker, error.what());
  }
}

TaskView ReturnedProducts::take_json(const http::Request& request, const HeldTask& task,
                                     const WorkerPhases& phases) {
  const json::Envelope envelope(request.body);
  if (!envelope.has("result")) {
    if (envelope.has("refused")) {
      return broker_.fail(task, std::string(envelope.text("refused")));
    }
    if (envelope.has("error")) {
      return broker_.nack(task, "the worker has failed: " + std::string(envelope.text("error")));
    }
  }
  return broker_.complete(
      task, task.worker,
      parse_result(Codec::json, std::string(envelope.text("result")), task.operands->product),
      phases);
}

/// What is returned for a task that is completed already changes nothing; another product than the
/// one that it has is refused.
http::Response ReturnedProducts::take_second(TaskId id, const http::Request& request) {
  const TaskView task = broker_.look(id);
  const auto second = product_in(request);
  if (!second || broker_.confirm(id, {worker_id(request), lease(request)}, *second)) {
    return taken_answer(task, request);
  }
  throw contradiction(id);
}

/// The answer to whoever returned something for a task: with its product where that is completed,
/// wanted, and there is room. Who wants the next task gets that in its place.
http::Response ReturnedProducts::taken_answer(const TaskView& task, const http::Request& request) {
  if (wants_minimal(request) || wants_next(request) || task.state != TaskState::completed) {
    return status_answer(task, true);
  }
  try {
    if (task.result) request.hold_answer(translated_bytes(*task.result, Codec::json));
    return status_answer(task, false);
  } catch (const http::Error&) {
    return status_answer(task, true);
  }
}

}  // namespace enxame::coordinator
