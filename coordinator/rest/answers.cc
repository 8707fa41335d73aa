#include "coordinator/rest/answers.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "coordinator/rest/request_values.h"
#include "coordinator/store/rules.h"
#include "coordinator/store/split_operands.h"
#include "coordinator/store/task_store.h"
#include "http/fields.h"
#include "http/response_head.h"
#include "wire/product_timing.h"
#include "wire/rest.h"

namespace enxame::coordinator {

namespace {

using std::chrono::steady_clock;

http::Response json(std::string body) {
  http::Response response;
  response.body = std::move(body);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

/// A body that lies in what `owner` keeps alive.
http::Response binary(std::shared_ptr<const void> owner, std::string_view bytes) {
  http::Response response = json({});
  response.content_type = wire::rest::kBinaryType;
  response.shared = {std::move(owner), bytes, {}};
  return response;
}

/// A body that was made for this answer, and counts as such while it is sent.
http::Response binary(std::string body) {
  http::Response response = json(std::move(body));
  response.content_type = wire::rest::kBinaryType;
  return response;
}

/// The headers of an answer that gives a task to its worker.
void name_claim(http::Response& response, const Claim& claim) {
  response.headers.emplace_back(wire::rest::kTaskHeader, std::to_string(claim.id));
  response.headers.emplace_back(wire::rest::kLeaseHeader, std::to_string(claim.lease));
}

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

nlohmann::ordered_json named(const std::string& worker) {
  return worker.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(worker);
}

nlohmann::ordered_json claims_of(const TaskHistory& history, const Instant& now) {
  auto claims = nlohmann::ordered_json::array();
  for (const EndedClaim& each : history.claims()) {
    claims.push_back({{"workerId", named(each.worker)},
                      {"lease", each.lease},
                      {"claimedMsAgo", milliseconds(now - each.claimed_at)},
                      {"heldMs", milliseconds(each.ended_at - each.claimed_at)},
                      {"ended", to_string(each.how)},
                      {"reason", each.reason}});
  }
  return claims;
}

nlohmann::ordered_json contradictions_of(const TaskHistory& history, const Instant& now) {
  auto contradictions = nlohmann::ordered_json::array();
  for (const Contradiction& each : history.contradictions()) {
    contradictions.push_back({{"workerId", named(each.worker)},
                              {"lease", each.lease},
                              {"msAgo", milliseconds(now - each.at)},
                              {"difference", each.difference}});
  }
  return contradictions;
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// {"taskId":1,"status":"completed"
std::string status_begin(const TaskView& task) {
  std::string body = R"({"taskId":)";
  body += std::to_string(task.id);
  body.append(R"(,"status":")").append(to_string(task.state)).append("\"");
  return body;
}

std::string status_body(const TaskView& task, const std::string& text) {
  std::string body = status_begin(task);
  body.reserve(body.size() + text.size() + 16);
  body.append(R"(,"result":")").append(text).append("\"");
  if (task.state == TaskState::failed || task.state == TaskState::cancelled) {
    body.append(R"(,"error":)").append(quoted(task.error));
  }
  return body + "}";
}

std::string timing_of(const TaskView& task, steady_clock::time_point asked_at) {
  return to_header(wire::rest::ProductTiming{
      .phases = task.phases,
      .collect = steady_clock::now() - task.finished_at,
      .accepted_at = task.accepted_at.time_since_epoch(),
      .asked_at = asked_at.time_since_epoch(),
      .finished_at = task.finished_at.time_since_epoch(),
  });
}

}  // namespace

http::Response submitted_answer(TaskId id) {
  return json(R"({"taskId":)" + std::to_string(id) + "}");
}

http::Response task_answer(const Assignment& task, Codec wanted) {
  http::Response response;
  // Operands go on as they came, unless they are a tile's or somebody else's codec.
  const bool as_they_came = task.operands->codec == wanted && !task.operands->tile;
  if (wanted == Codec::binary) {
    response = as_they_came ? binary(task.operands, task.operands->wire)
                            : binary(to_frames(*task.operands));
  } else {
    response = json(R"({"taskId":)" + std::to_string(task.id) + R"(,"data":)");
    if (as_they_came) {
      response.shared = {task.operands, task.operands->wire, "}"};
    } else {
      response.body.append(to_json(*task.operands)).append("}");
    }
  }
  name_claim(response, task);
  return response;
}

http::Response tile_answer(const Assignment& task, const wire::Digest& b) {
  const TileOf& tile = *task.operands->tile;
  const FrameView a = tile.whole->a(tile.tile);
  http::Response response = binary(task.operands, a.elements);
  response.body = frame_head(a.header);
  response.shared.tail.assign(padding_bytes(a.header), '\0');
  name_claim(response, task);
  response.headers.emplace_back(wire::rest::kOperandHeader, wire::to_hex(b));
  return response;
}

http::Response operand_answer(const http::Request& request, const wire::Digest& digest,
                              const OperandIndex::Found& operand) {
  const std::string tag = "\"" + wire::to_hex(digest) + "\"";
  http::Response response;
  response.content_type = wire::rest::kBinaryType;
  response.headers = {{"Cache-Control", "public, max-age=31536000, immutable"}, {"ETag", tag}};
  if (http::names_tag(request.headers, "If-None-Match", tag)) {
    response.status = 304;
    response.content_type.clear();
  } else {
    response.shared = {operand.keeper, operand.frame, {}};
  }
  return response;
}

http::Response empty_answer() {
  http::Response response;
  response.status = 204;
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

http::Response status_answer(const TaskView& task, bool minimal) {
  if (minimal) return json(status_begin(task) + "}");
  return json(status_body(task, task.result ? to_text(*task.result) : std::string()));
}

http::Response result_answer(const TaskView& task, Codec wanted,
                             steady_clock::time_point asked_at) {
  // A tile's product is part of its task's.
  if (task.result == nullptr) return json(status_body(task, {}));
  http::Response response;
  if (wanted == Codec::binary) {
    response = task.result->codec == Codec::binary ? binary(task.result, task.result->wire)
                                                   : binary(to_frame(*task.result));
  } else {
    response = json(status_body(task, to_text(*task.result)));
  }
  if (!task.worker.empty()) response.headers.emplace_back(wire::rest::kWorkerHeader, task.worker);
  response.headers.emplace_back(wire::rest::kProductTimingHeader, timing_of(task, asked_at));
  return response;
}

http::Response record_answer(const TaskRecord& task, const Instant& now) {
  nlohmann::ordered_json body{{"taskId", task.id},
                              {"status", to_string(task.state())},
                              {"acceptedMsAgo", milliseconds(now - task.accepted_at)},
                              {"attempts", task.life.attempts}};
  if (const std::string error = error_words(task); !error.empty()) body["error"] = error;
  if (task.is_split()) body["tiles"] = task.tiles;
  if (task.is_tile()) body["tileOf"] = {{"taskId", task.parent}, {"tile", task.tile}};
  if (task.state() == TaskState::processing || task.state() == TaskState::completed) {
    body["workerId"] = named(task.worker);
  }
  if (is_finished(task.state())) body["finishedMsAgo"] = milliseconds(now - task.finished_at);
  body["endedClaims"] = claims_of(task.history, now);
  body["contradictions"] = contradictions_of(task.history, now);
  body["leftOut"] = task.history.left_out();
  return json(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

http::Response stats_answer(const StoreStats& stats) {
  return json(R"({"totalTasks":)" + std::to_string(stats.total) + R"(,"completedTasks":)" +
              std::to_string(stats.completed) + R"(,"activeTasks":)" +
              std::to_string(stats.active) + R"(,"queueSize":)" + std::to_string(stats.queued) +
              "}");
}

http::Response workers_answer(const std::vector<WorkerView>& workers) {
  std::string body;
  for (const WorkerView& worker : workers) {
    const auto seen = std::chrono::duration_cast<std::chrono::milliseconds>(worker.since_seen);
    body += body.empty() ? "" : ",";
    body.append(R"({"workerId":)").append(quoted(worker.id));
    body.append(R"(,"state":")").append(to_string(worker.state));
    body.append(R"(","lastSeenMs":)").append(std::to_string(seen.count()));
    body.append(R"(,"completed":)").append(std::to_string(worker.completed));
    body.append(R"(,"failed":)").append(std::to_string(worker.failed));
    body.append(R"(,"engine":)").append(quoted(worker.description.engine));
    body.append(R"(,"kernel":)").append(quoted(worker.description.kernel));
    body.append(R"(,"admission":")").append(to_string(worker.admission));
    body.append(R"(","reason":)").append(quoted(worker.reason)).append("}");
  }
  return json(R"({"workers":[)" + body + "]}");
}

http::Response health_answer() { return json(R"({"status":"ok"})"); }

http::Response preflight_answer() {
  http::Response response;
  response.content_type.clear();
  response.headers = {{"Allow", "GET, HEAD, POST, DELETE, OPTIONS"}};
  return response;
}

http::Response error_answer(int status, const std::string& message) {
  return http::to_response(http::Error(status, message));
}

http::Response unavailable_answer() { return error_answer(503, kUnavailableWords); }

}  // namespace enxame::coordinator
