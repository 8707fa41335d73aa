#include "coordinator/routes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "coordinator/answers.h"
#include "coordinator/client_session.h"
#include "coordinator/request_values.h"
#include "coordinator/worker_session.h"
#include "http/websocket_handshake.h"
#include "json/envelope.h"
#include "matmul/text_codec.h"

namespace enxame {

namespace {

constexpr std::string_view kId = "{id}";
constexpr std::string_view kSite = "site";
constexpr std::string_view kPreflight = "preflight";

/// Takes the part before the next "/" off a path that starts with one.
std::string_view take_part(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size());
  return part;
}

/// Whether `path` is `pattern`, in which "{id}" stands for any one part.
bool matches(std::string_view pattern, std::string_view path) {
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const std::string_view expected = take_part(pattern);
    const std::string_view part = take_part(path);
    if (expected != kId && expected != part) return false;
  }
  return pattern.empty() && path.empty();
}

/// The task of "/task/{id}/result" and "/result/{id}".
TaskId task_of(std::string_view path) {
  take_part(path);
  return parse_task_id(take_part(path));
}

/// What the worker says kept it from computing; nothing when the body is a product.
std::optional<std::string> failure_of(const http::Request& request, Codec codec) {
  if (codec == Codec::binary) return std::nullopt;
  const Envelope envelope(request.body);
  if (envelope.has("result") || !envelope.has("error")) return std::nullopt;
  return std::string(envelope.text("error"));
}

/// What is wrong with a question for a task is said before anything is done.
void check_question(const http::Request& request) {
  static_cast<void>(wait_time(request));
  static_cast<void>(keeps_operands(request));
}

}  // namespace

struct Routes::Route {
  std::string_view method;
  std::string_view pattern;
  http::Response (Routes::*handle)(http::Request&);
  bool is_safe;  ///< changes nothing, so that HEAD is answered as well
};

http::Headers common_headers() {
  return {{"Access-Control-Allow-Origin", "*"},
          {"Access-Control-Expose-Headers",
           "Enxame-Operand, Enxame-Task, Enxame-Worker, Server-Timing"},
          {"Cross-Origin-Resource-Policy", "cross-origin"}};
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
  } catch (const StoreFull& error) {
    http::Response response = error_answer(503, error.what());
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }
}

std::span<const Routes::Route> Routes::table() {
  static constexpr std::array<Route, 10> kRoutes{{
      {"POST", "/task", &Routes::submit, false},
      {"GET", "/task/next", &Routes::claim, false},
      {"POST", "/task/{id}/result", &Routes::complete, false},
      {"GET", "/operand/{id}", &Routes::operand, true},
      {"GET", "/result/{id}", &Routes::result, true},
      {"GET", "/ws", &Routes::push, false},
      {"GET", "/stats", &Routes::stats, true},
      {"GET", "/workers", &Routes::workers, true},
      {"GET", "/health", &Routes::health, true},
      {"GET", "/metrics", &Routes::metrics, true},
  }};
  return kRoutes;
}

std::vector<std::string_view> Routes::names() {
  std::vector<std::string_view> names{kSite, kPreflight};
  for (const Route& route : table()) names.push_back(route.pattern);
  return names;
}

http::Response Routes::dispatch(http::Request& request) {
  const auto routes = table();
  const auto route = std::find_if(routes.begin(), routes.end(), [&](const Route& each) {
    return matches(each.pattern, request.path);
  });
  if (route != routes.end()) {
    request.route = route->pattern;
    if (request.method == route->method || (request.method == "HEAD" && route->is_safe)) {
      return (this->*route->handle)(request);
    }
    return method_answer(request, std::string(route->method) + (route->is_safe ? ", HEAD" : ""));
  }
  if (site_ != nullptr) {
    if (auto page = site_->find(request)) {
      request.route = kSite;
      if (request.method == "GET" || request.method == "HEAD") return std::move(*page);
      return method_answer(request, "GET, HEAD");
    }
  }
  throw http::Error(404, "there is nothing at \"" + request.path + "\"");
}

http::Response Routes::submit(http::Request& request) {
  const Codec codec = body_codec(request);
  const Split how = split(request);
  const auto asked_at = std::chrono::steady_clock::now();
  const auto patience = wait_time(request);
  try {
    auto operands = std::make_shared<Operands>(parse_operands(codec, std::move(request.body)));
    const TaskId id = store_.submit(std::move(operands), how);
    if (patience == std::chrono::milliseconds::zero()) return submitted_answer(id);
    // The product in the answer to the submission saves an exchange.
    const TaskView task = store_.result(id, patience);
    if (!is_finished(task.state)) return submitted_answer(id);
    try {
      return collect(task, request, asked_at);
    } catch (const http::Error&) {  // not as this client accepts it; it may ask for another form
      return submitted_answer(id);
    }
  } catch (const std::invalid_argument& error) {
    throw http::Error(400, error.what());
  }
}

http::Response Routes::claim(http::Request& request) {
  const std::string worker = worker_id(request);
  check_question(request);
  const auto deadline = std::chrono::steady_clock::now() + wait_time(request);
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto claim = store_.claim(worker, left, request.peer_connected);
    if (!claim) return empty_answer();
    if (!request.peer_connected()) {
      store_.give_back(*claim);
      return empty_answer();
    }
    if (auto response = hand_over(*claim, request)) return std::move(*response);
  }
}

/// The answer that carries a claimed task to its worker; nothing when the task cannot be written as
/// the worker wants it.
std::optional<http::Response> Routes::hand_over(const Claim& claim, const http::Request& request) {
  try {
    http::Response response = task_for(claim, request);
    response.after_write = [this, claim](bool written) {
      if (!written) store_.give_back(claim);
    };
    return response;
  } catch (const TextError& error) {
    store_.fail(claim.id, "",
                std::string("the operands cannot be written as JSON: ") + error.what());
    return std::nullopt;
  }
}

/// A tile goes without its B to a worker that keeps operands, as long as it takes frames.
http::Response Routes::task_for(const Claim& claim, const http::Request& request) {
  const Codec wanted = wanted_codec(request);
  const auto& tile = claim.operands->tile;
  if (!tile || wanted != Codec::binary || !keeps_operands(request)) {
    return task_answer(claim, wanted);
  }
  return tile_answer(claim, operands_.add(tile->whole, tile->tile));
}

http::Response Routes::operand(http::Request& request) {
  std::string_view path = request.path;
  take_part(path);
  const std::string_view name = take_part(path);
  const auto digest = parse_digest(name);
  if (!digest) {
    throw http::Error(400, "the operand is \"" + std::string(name) +
                               "\", expected the 32 hexadecimal digits of its digest");
  }
  const OperandIndex::Found found = operands_.find(*digest);
  if (found.keeper == nullptr) {
    throw http::Error(404, "no task needs the operand " + std::string(name));
  }
  return operand_answer(request, *digest, found);
}

http::Response Routes::complete(http::Request& request) {
  const bool next = wants_next(request);
  if (next) check_question(request);
  http::Response taken = take_product(request);
  request.body = std::string();  // nobody needs it while the next task is waited for
  return next ? claim(request) : std::move(taken);
}

http::Response Routes::take_product(http::Request& request) {
  const TaskId id = task_of(request.path);
  const std::string worker = worker_id(request);
  const Codec codec = body_codec(request);
  const WorkerPhases phases = worker_phases(request);
  const auto operands = store_.held_operands(id, worker);
  if (operands == nullptr) {
    return status_answer(store_.complete(id, worker, {}), wants_minimal(request));
  }
  try {
    if (const auto failure = failure_of(request, codec)) {
      return status_answer(store_.fail(id, worker, *failure), true);
    }
    auto result = std::make_shared<Result>(read_product(request, *operands));
    const TaskView task = store_.complete(id, worker, {std::move(result), phases});
    if (task.just_completed) metrics_.completed(task);
    return status_answer(task, wants_minimal(request));
  } catch (const std::invalid_argument& error) {
    store_.reject(id, worker, std::string("what came back is no product: ") + error.what());
    throw http::Error(400, error.what());
  }
}

Result Routes::read_product(http::Request& request, const Operands& operands) {
  if (body_codec(request) == Codec::binary) {
    return parse_result(Codec::binary, std::move(request.body), operands.product);
  }
  const Envelope envelope(request.body);
  return parse_result(Codec::json, std::string(envelope.text("result")), operands.product);
}

http::Response Routes::result(http::Request& request) {
  const auto asked_at = std::chrono::steady_clock::now();
  const TaskId id = task_of(request.path);
  return collect(store_.result(id, wait_time(request)), request, asked_at);
}

http::Response Routes::collect(const TaskView& task, const http::Request& request,
                               std::chrono::steady_clock::time_point asked_at) {
  http::Response response = result_answer(task, wanted_codec(request), asked_at);
  metrics_.collected(task);
  return response;
}

http::Response Routes::push(http::Request& request) {
  if (push_role(request) == PushRole::client) {
    return http::websocket_answer(request, [this](http::WebSocket& socket) {
      ClientSession(socket, store_, metrics_).run();
    });
  }
  return http::websocket_answer(request,
                                [this, worker = worker_id(request)](http::WebSocket& socket) {
                                  WorkerSession(socket, store_, worker, metrics_).run();
                                });
}

http::Response Routes::stats(http::Request&) { return stats_answer(store_.stats()); }

http::Response Routes::workers(http::Request& request) {
  return workers_answer(store_.workers(worker_count(request), wait_time(request)));
}

http::Response Routes::health(http::Request&) { return health_answer(); }

http::Response Routes::metrics(http::Request&) { return metrics_.answer(); }

}  // namespace enxame
