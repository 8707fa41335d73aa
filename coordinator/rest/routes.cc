#include "coordinator/rest/routes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "coordinator/push/client_session.h"
#include "coordinator/push/worker_session.h"
#include "coordinator/rest/answers.h"
#include "coordinator/rest/request_values.h"
#include "http/websocket/websocket_handshake.h"
#include "json/envelope.h"
#include "wire/rest.h"

namespace enxame::coordinator {

namespace {

constexpr std::string_view kSite = "site";
constexpr std::string_view kPreflight = "preflight";
constexpr std::string_view kPush = "/ws";

/// Who asks for a task. Beyond the original's words it is known how a worker answers; the
/// original's do not name themselves with a result.
Asker asker_of(const http::Request& request) {
  const bool is_the_originals = !request.parameter("wait") && !request.parameter("operands") &&
                                wanted_codec(request) == Codec::json;
  return {worker_id(request), is_the_originals ? Fence::none : Fence::worker};
}

/// What is wrong with a question for a task is said before anything is done.
void check_question(const http::Request& request) {
  static_cast<void>(wait_time(request));
  static_cast<void>(keeps_operands(request));
}

/// "Enxame-Operand, Enxame-Task": a list as header fields have it.
std::string joined(std::initializer_list<std::string_view> names) {
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

}  // namespace

http::ServerOptions api_options(http::ServerOptions options) {
  options.common_headers = {{"Cross-Origin-Resource-Policy", "cross-origin"}};
  options.access.is_page = [](const http::Request& request) {
    return !Routes::is_route(request.path);
  };
  options.authentication.role_of = Routes::role_of;
  options.access.request_headers =
      joined({"Accept", "Authorization", "Content-Type", wire::rest::kWorkerTimingHeader,
              wire::rest::kPreferHeader});
  options.access.exposed_headers =
      joined({wire::rest::kOperandHeader, wire::rest::kTaskHeader, wire::rest::kWorkerHeader,
              wire::rest::kProductTimingHeader});
  return options;
}

http::Response Routes::answer(http::Request& request) {
  if (request.method == "OPTIONS") {
    request.route = kPreflight;
    return preflight_answer();
  }
  try {
    return dispatch(request);
  } catch (const UnknownTask& error) {
    throw http::Error(404, error.what());
  } catch (const NotHeld& error) {
    throw http::Error(409, error.what());
  } catch (const TaskTooLarge& error) {
    throw http::Error(413, error.what());
  } catch (const StoreFull& error) {
    return error_answer(503, error.what());
  } catch (const StoreUnavailable& error) {
    return error_answer(503, error.what());
  }
}

http::Router<Routes> Routes::router() {
  using http::Role;
  static constexpr std::array<http::Route<Routes>, 10> kRoutes{{
      {"POST", "/task", &Routes::submit},
      {"GET", "/task/next", &Routes::claim, false, Role::worker},
      {"POST", "/task/{id}/result", &Routes::complete, false, Role::worker},
      {"GET", "/operand/{id}", &Routes::operand, true, Role::worker},
      {"GET", "/result/{id}", &Routes::result, true},
      {"GET", kPush, &Routes::push},  // or for workers, see role_of()
      {"GET", "/stats", &Routes::stats, true},
      {"GET", "/workers", &Routes::workers, true},
      {"GET", "/health", &Routes::health, true, Role::anyone},
      {"GET", "/metrics", &Routes::metrics, true},
  }};
  return http::Router<Routes>(kRoutes);
}

std::vector<std::string_view> Routes::names() {
  std::vector<std::string_view> names{kSite, kPreflight};
  const auto patterns = router().patterns();
  names.insert(names.end(), patterns.begin(), patterns.end());
  return names;
}

bool Routes::is_route(std::string_view path) { return router().has(path); }

http::Role Routes::role_of(const http::Request& request) {
  const bool is_push = http::matches(kPush, http::without_slash_at_end(request.path));
  if (!is_push) return router().role_of(request.path);
  return push_role(request) == PushRole::client ? http::Role::client : http::Role::worker;
}

http::Response Routes::dispatch(http::Request& request) {
  if (auto answer = router().answer(*this, request)) return std::move(*answer);
  if (site_ != nullptr) {
    if (auto page = site_->find(request)) {
      request.route = kSite;
      if (request.method == "GET" || request.method == "HEAD") return std::move(*page);
      return http::method_answer(request, "GET, HEAD");
    }
  }
  throw http::Error(404, "there is nothing at \"" + request.path + "\"");
}

/// How long the answer may be put off.
std::chrono::milliseconds Routes::patience_of(const http::Request& request) const {
  return std::min(wait_time(request), longest_wait_);
}

http::Response Routes::submit(http::Request& request) {
  const Codec codec = body_codec(request);
  const Split how = split(request);
  const auto asked_at = std::chrono::steady_clock::now();
  const auto patience = patience_of(request);
  try {
    auto operands = std::make_shared<Operands>(parse_operands(codec, std::move(request.body)));
    check_product(operands->product, max_product_bytes_);
    const TaskId id = broker_.submit(std::move(operands), how);
    request.hand_over_body();
    if (patience == std::chrono::milliseconds::zero()) return submitted_answer(id);
    // The product in the answer to the submission saves an exchange.
    const Awaited awaited = broker_.result(id, patience, request.peer_connected);
    if (awaited.outcome != WaitOutcome::task) return submitted_answer(id);
    try {
      return collect(awaited.task, request, asked_at);
    } catch (const http::Error&) {  // for want of room, which there may be when it is asked for
      return submitted_answer(id);
    }
  } catch (const ProductTooLarge& error) {
    throw http::Error(413, error.what());
  } catch (const std::invalid_argument& error) {
    throw http::Error(400, error.what());
  }
}

http::Response Routes::claim(http::Request& request) {
  const Asker asker = asker_of(request);
  check_question(request);
  const Claimed claimed = broker_.claim(asker, patience_of(request), request.peer_connected);
  switch (claimed.outcome) {
    case WaitOutcome::task:
      break;
    case WaitOutcome::none:
    case WaitOutcome::closed:
    case WaitOutcome::gone:
      return empty_answer();
    case WaitOutcome::unavailable:
      return unavailable_answer();
  }
  if (!request.peer_connected()) {
    broker_.requeue(*claimed);
    return empty_answer();
  }
  return hand_over(*claimed, request);
}

/// The answer that carries a claimed task to its worker. The task goes back unless it is sent.
http::Response Routes::hand_over(const Assignment& task, const http::Request& request) {
  try {
    http::Response response = task_for(task, request);
    response.after_write = [this, claim = Claim(task)](bool written) {
      if (!written) broker_.requeue(claim);
    };
    return response;
  } catch (const std::exception&) {
    broker_.unclaim(task);
    throw;
  }
}

/// A tile goes without its B to a worker that keeps operands, as long as it takes frames.
http::Response Routes::task_for(const Assignment& task, const http::Request& request) {
  const Codec wanted = wanted_codec(request);
  const auto& tile = task.operands->tile;
  if (!tile || wanted != Codec::binary || !keeps_operands(request)) {
    request.hold_answer(translated_bytes(*task.operands, wanted));
    return task_answer(task, wanted);
  }
  return tile_answer(task, operands_.add(tile->whole, tile->tile));
}

http::Response Routes::operand(http::Request& request) {
  const auto digest = wire::parse_digest(request.id);
  if (!digest) {
    throw http::Error(400, "the operand is \"" + std::string(request.id) +
                               "\", expected the 32 hexadecimal digits of its digest");
  }
  const OperandIndex::Found found = operands_.find(*digest);
  if (found.keeper == nullptr) {
    throw http::Error(404, "no task needs the operand " + std::string(request.id));
  }
  return operand_answer(request, *digest, found);
}

http::Response Routes::complete(http::Request& request) {
  http::Response taken = take_product(request);
  request.hand_over_body();  // not needed while the next task is waited for
  return wants_next(request) ? claim(request) : std::move(taken);
}

http::Response Routes::take_product(http::Request& request) {
  const TaskId id = parse_task_id(request.id);
  const auto task = broker_.held(id, Holder::answering(worker_id(request)));
  if (!task) return taken_answer(broker_.look(id), request);
  // From its holder: whatever is wrong with the answer, the task does not wait for another.
  try {
    if (wants_next(request)) check_question(request);
    return taken_answer(settle(request, *task), request);
  } catch (const http::Error& error) {
    broker_.nack(*task, error.what());
    throw;
  } catch (const std::invalid_argument& error) {
    broker_.nack(*task, std::string("the result is not a product: ") + error.what());
    throw http::Error(400, error.what());
  }
}

/// The answer to whoever returned something for a task: with its product where that is completed,
/// wanted, and there is room.
http::Response Routes::taken_answer(const TaskView& task, const http::Request& request) {
  if (wants_minimal(request) || task.state != TaskState::completed) {
    return status_answer(task, true);
  }
  try {
    if (task.result) request.hold_answer(translated_bytes(*task.result, Codec::json));
    return status_answer(task, false);
  } catch (const http::Error&) {
    return status_answer(task, true);
  }
}

/// Does what the holder of a task says of it. Throws http::Error or std::invalid_argument for what
/// cannot be understood.
TaskView Routes::settle(http::Request& request, const HeldTask& task) {
  const Codec codec = body_codec(request);
  const WorkerPhases phases = worker_phases(request);
  try {
    if (codec == Codec::json) return take_json(request, task, phases);
    return broker_.complete(
        task, task.worker,
        parse_result(Codec::binary, std::move(request.body), task.operands->product), phases);
  } catch (const NotFinite& error) {
    return broker_.fail(task, error.what());
  }
}

TaskView Routes::take_json(const http::Request& request, const HeldTask& task,
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

http::Response Routes::result(http::Request& request) {
  const auto asked_at = std::chrono::steady_clock::now();
  const TaskId id = parse_task_id(request.id);
  const Awaited awaited = broker_.result(id, patience_of(request), request.peer_connected);
  if (awaited.outcome == WaitOutcome::unavailable) return unavailable_answer();
  return collect(awaited.task, request, asked_at);
}

http::Response Routes::collect(const TaskView& task, const http::Request& request,
                               std::chrono::steady_clock::time_point asked_at) {
  const Codec wanted = wanted_codec(request);
  if (task.result) request.hold_answer(translated_bytes(*task.result, wanted));
  http::Response response = result_answer(task, wanted, asked_at);
  metrics_.collected(task);
  return response;
}

http::Response Routes::push(http::Request& request) {
  if (push_role(request) == PushRole::client) {
    return http::websocket_answer(request, [this](http::WebSocket& socket) {
      ClientSession(socket, broker_, metrics_, max_product_bytes_).run();
    });
  }
  return http::websocket_answer(request,
                                [this, worker = worker_id(request)](http::WebSocket& socket) {
                                  WorkerSession(socket, broker_, worker, metrics_).run();
                                });
}

http::Response Routes::stats(http::Request&) { return stats_answer(broker_.stats()); }

http::Response Routes::workers(http::Request& request) {
  return workers_answer(
      broker_.workers(worker_count(request), patience_of(request), request.peer_connected));
}

http::Response Routes::health(http::Request&) { return health_answer(); }

http::Response Routes::metrics(http::Request&) { return metrics_.answer(); }

}  // namespace enxame::coordinator
