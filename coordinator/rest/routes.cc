#include "coordinator/rest/routes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "coordinator/push/client_session.h"
#include "coordinator/push/keeper_session.h"
#include "coordinator/push/worker_session.h"
#include "coordinator/rest/answers.h"
#include "coordinator/rest/request_values.h"
#include "http/websocket/websocket_handshake.h"
#include "json/envelope.h"
#include "wire/digester.h"
#include "wire/rest.h"

namespace enxame::coordinator {

namespace {

constexpr std::string_view kSite = "site";
constexpr std::string_view kPreflight = "preflight";
constexpr std::string_view kPush = "/ws";

/// Who asks for a task. The original's workers know no leases; whoever says more than they do has
/// to name that of its claim with its answer.
Ask ask_of(const http::Request& request) {
  constexpr std::array kMore{"wait", "operands", "keeper", "question"};
  const bool is_the_originals =
      std::ranges::none_of(kMore,
                           [&](const char* name) { return request.parameter(name).has_value(); }) &&
      wanted_codec(request) == Codec::json;
  Ask ask(worker_id(request), is_the_originals ? Fence::none : Fence::lease);
  ask.keeper = keeper(request);
  ask.question = question(request);
  return ask;
}

/// What the submission is called, with a fingerprint of all that it says.
std::optional<SubmissionKey> key_of(const http::Request& request) {
  std::string name = submission_key(request);
  if (name.empty()) return std::nullopt;
  const auto word = [&](const char* parameter) {
    return request.parameter(parameter).value_or(std::string_view());
  };
  const std::string_view codec = to_string(body_codec(request));
  return SubmissionKey{std::move(name),
                       wire::fingerprint({codec, "\n", word("split"), "\n", word("tiles"), "\n",
                                          word("reuse"), "\n", request.body})};
}

/// A task that can never be handed to a worker that takes `wanted`, though to others.
class NeverFits : public http::Error {
 public:
  NeverFits(TaskId id, Codec wanted, std::size_t bytes, std::size_t most)
      : http::Error(503, task_name(id) + " takes " + std::to_string(bytes) + " bytes as " +
                             std::string(to_string(wanted)) + ", and all answers may take " +
                             std::to_string(most) + " together (--max-in-flight)") {}
};

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
  options.access.methods = "GET, HEAD, POST, DELETE, OPTIONS";
  options.authentication.role_of = Routes::role_of;
  options.access.request_headers =
      joined({"Accept", "Authorization", "Content-Type", wire::rest::kWorkerTimingHeader,
              wire::rest::kPreferHeader, wire::rest::kKeyHeader});
  options.access.exposed_headers =
      joined({wire::rest::kOperandHeader, wire::rest::kTaskHeader, wire::rest::kLeaseHeader,
              wire::rest::kWorkerHeader, wire::rest::kProductTimingHeader});
  return options;
}

http::Response Routes::answer(http::Request& request) {
  if (request.method == "OPTIONS") {
    request.route = kPreflight;
    return preflight_answer();
  }
  try {
    return dispatch(request);
  } catch (const ForgottenTask& error) {
    throw http::Error(410, error.what());
  } catch (const UnknownTask& error) {
    throw http::Error(404, error.what());
  } catch (const NotHeld& error) {
    throw http::Error(409, error.what());
  } catch (const WrongState& error) {
    throw http::Error(409, error.what());
  } catch (const KeyReused& error) {
    throw http::Error(422, error.what());
  } catch (const UnknownWorker& error) {
    throw http::Error(404, error.what());
  } catch (const Quarantined& error) {
    throw http::Error(403, error.what());
  } catch (const TaskTooLarge& error) {
    throw http::Error(413, error.what());
  } catch (const StoreFull& error) {
    return error_answer(429, error.what());
  } catch (const StoreUnavailable& error) {
    return error_answer(503, error.what());
  }
}

http::Router<Routes> Routes::router() {
  using http::Role;
  static constexpr std::array<http::Route<Routes>, 16> kRoutes{{
      {"POST", "/task", &Routes::submit},
      {"GET", "/task/next", &Routes::claim, false, Role::worker},
      {"POST", "/task/{id}/result", &Routes::complete, false, Role::worker},
      {"POST", "/task/{id}/renew", &Routes::renew, false, Role::worker},
      {"POST", "/task/{id}/retry", &Routes::retry},
      {"GET", "/task/{id}", &Routes::inspect, true},
      {"DELETE", "/task/{id}", &Routes::cancel},
      {"GET", "/operand/{id}", &Routes::operand, true, Role::worker},
      {"GET", "/result/{id}", &Routes::result, true},
      {"GET", kPush, &Routes::push},  // or for workers, see role_of()
      {"GET", "/stats", &Routes::stats, true},
      {"GET", "/workers", &Routes::workers, true},
      {"POST", "/workers/{id}/drain", &Routes::drain},
      {"POST", "/workers/{id}/readmit", &Routes::readmit},
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
  auto key = key_of(request);
  try {
    auto operands = std::make_shared<Operands>(parse_operands(codec, std::move(request.body)));
    check_product(operands->product, max_product_bytes_);
    const TaskId id = broker_.submit(std::move(operands), how, std::move(key), client_id(request));
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
  const Ask ask = ask_of(request);
  check_question(request);
  const Claimed claimed = broker_.claim(ask, patience_of(request), request.peer_connected);
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
    broker_.unsent(*claimed);
    return empty_answer();
  }
  return hand_over(*claimed, request);
}

/// The answer that carries a claimed task to its worker. The task goes back unless it is sent, or
/// was sent, or may be, in another answer to the same question.
http::Response Routes::hand_over(const Assignment& task, const http::Request& request) {
  try {
    http::Response response = task_for(task, request);
    response.after_write = [this, claim = Claim(task)](bool written) {
      if (!written) broker_.unsent(claim);
    };
    return response;
  } catch (const NeverFits& error) {
    if (broker_.was_lost(task)) broker_.nack(task, error.what());
    throw;
  } catch (const std::exception&) {
    if (broker_.was_lost(task)) broker_.unclaim(task);
    throw;
  }
}

/// A tile goes without its B to a worker that keeps operands, as long as it takes frames.
http::Response Routes::task_for(const Assignment& task, const http::Request& request) {
  const Codec wanted = wanted_codec(request);
  const auto& tile = task.operands->tile;
  if (!tile || wanted != Codec::binary || !keeps_operands(request)) {
    const std::size_t bytes = translated_bytes(*task.operands, wanted);
    if (bytes > max_answer_bytes_) throw NeverFits(task.id, wanted, bytes, max_answer_bytes_);
    request.hold_answer(bytes);
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
  http::Response taken = returned_.take(request);
  request.hand_over_body();  // not needed while the next task is waited for
  return wants_next(request) ? claim(request) : std::move(taken);
}

http::Response Routes::renew(http::Request& request) {
  const TaskId id = parse_task_id(request.id);
  const std::uint64_t generation = lease(request);
  if (generation == 0) {
    throw http::Error(400, std::string("lease is missing, expected what came with the task (") +
                               wire::rest::kLeaseHeader + ")");
  }
  const auto task = broker_.held(id, Holder::answering({}, generation));
  broker_.saw(worker_id(request));
  if (task && !task->is_late) {
    if (broker_.inspect(id).fence == Fence::none) {
      throw NotHeld("task " + std::to_string(id) +
                    " was claimed in the original's words, whose claims are not renewed");
    }
    if (broker_.renew(*task)) return status_answer(broker_.look(id), true);
  }
  throw NotHeld("task " + std::to_string(id) + " is not held under lease " +
                std::to_string(generation) + " any more");
}

http::Response Routes::inspect(http::Request& request) {
  return record_answer(broker_.inspect(parse_task_id(request.id)), broker_.now());
}

http::Response Routes::cancel(http::Request& request) {
  return status_answer(broker_.cancel(parse_task_id(request.id)), true);
}

http::Response Routes::retry(http::Request& request) {
  return status_answer(broker_.retry(parse_task_id(request.id)), true);
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
  switch (push_role(request)) {
    case PushRole::client:
      return http::websocket_answer(
          request, [this, client = client_id(request)](http::WebSocket& socket) {
            ClientSession(socket, broker_, client, metrics_, max_product_bytes_).run();
          });
    case PushRole::keeper: {
      KeeperSession::Kept kept{keeper(request), worker_id(request), description(request)};
      if (kept.keeper.empty()) throw http::Error(400, "keeper is missing, expected its name");
      return http::websocket_answer(request,
                                    [this, kept = std::move(kept)](http::WebSocket& socket) {
                                      KeeperSession(socket, broker_, kept, metrics_).run();
                                    });
    }
    case PushRole::worker:
      break;
  }
  Ask ask(worker_id(request), Fence::lease);
  ask.keeper = keeper(request);
  return http::websocket_answer(request, [this, ask](http::WebSocket& socket) {
    WorkerSession(socket, broker_, ask, metrics_).run();
  });
}

http::Response Routes::stats(http::Request&) { return stats_answer(broker_.stats()); }

http::Response Routes::workers(http::Request& request) {
  return workers_answer(
      broker_.workers(worker_count(request), patience_of(request), request.peer_connected));
}

http::Response Routes::drain(http::Request& request) {
  broker_.drain(std::string(request.id));
  return empty_answer();
}

http::Response Routes::readmit(http::Request& request) {
  broker_.readmit(std::string(request.id));
  return empty_answer();
}

http::Response Routes::health(http::Request&) { return health_answer(); }

http::Response Routes::metrics(http::Request&) { return metrics_.answer(); }

}  // namespace enxame::coordinator
