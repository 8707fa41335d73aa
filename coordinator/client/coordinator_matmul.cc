#include "coordinator/client/coordinator_matmul.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "coordinator/client/frame_pieces.h"
#include "json/envelope.h"
#include "json/reader.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/stopwatch.h"
#include "wire/product_timing.h"
#include "wire/rest.h"

namespace enxame::coordinator {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxQuotedBytes = 200;
constexpr int kUnavailable = 503;
constexpr milliseconds kPauseBeforeRepeat{50};

/// Nothing has become of a question, or nobody knows what.
class Unanswered : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

http::Reply send(http::Client& client, const http::Call& call) {
  try {
    return client.send(call);
  } catch (const std::runtime_error& error) {
    throw Unanswered(error.what());
  }
}

/// For `Idempotency-Key`: 128 random bits.
std::string new_key() {
  std::random_device random;  // the system's, not a generator of this process
  std::array<char, 33> digits{};
  for (std::size_t i = 0; i < 4; ++i) {
    std::snprintf(digits.data() + 8 * i, 9, "%08x", static_cast<unsigned>(random()));
  }
  return digits.data();
}

std::string encode_json(const Matrix& a, const Matrix& b) {
  const std::string text_a = encode_text(a);
  const std::string text_b = encode_text(b);
  std::string body;
  body.reserve(text_a.size() + text_b.size() + 20);
  return body.append(R"({"A":")")
      .append(text_a)
      .append(R"(","B":")")
      .append(text_b)
      .append(R"("})");
}

/// "?split=rows&tiles=2", or nothing.
std::string query_of(const Split& split) {
  if (split.kind == SplitKind::none) return "";
  std::string query = "?split=" + std::string(to_string(split.kind));
  if (split.tiles > 0) query += "&tiles=" + std::to_string(split.tiles);
  if (!split.reuse) query += "&reuse=no";
  return query;
}

/// What the coordinator says is wrong, or what it says instead.
std::string explanation(const http::Reply& reply) {
  try {
    return std::string(json::Envelope(reply.body).text("error"));
  } catch (const json::EnvelopeError&) {
    return "\"" + reply.body.substr(0, kMaxQuotedBytes) + "\"";
  }
}

/// Whether the answer to a submission says what became of the task, and not only its number.
bool says_status(const http::Reply& reply) {
  if (reply.header("Content-Type") == wire::rest::kBinaryType) return true;
  try {
    return json::Envelope(reply.body).has("status");
  } catch (const json::EnvelopeError&) {
    return false;
  }
}

/// {"workerId":"w1","state":"asking",…}; throws JsonError.
ListedWorker read_worker(json::Reader& json) {
  ListedWorker worker;
  json.object([&](std::string_view name) {
    if (name == "workerId") {
      worker.id = json.string();
    } else if (name == "state") {
      worker.state = json.string();
    } else {
      json.skip();
    }
  });
  return worker;
}

/// {"workers":[…]}; throws JsonError.
std::vector<ListedWorker> read_workers(std::string_view body) {
  std::optional<std::vector<ListedWorker>> workers;
  json::Reader json(body);
  json.object([&](std::string_view name) {
    if (name != "workers") return json.skip();
    workers.emplace();
    json.array([&] { workers->push_back(read_worker(json)); });
  });
  json.end();
  if (!workers) throw json::Error("JSON: expected a member \"workers\"");
  return *std::move(workers);
}

/// {"taskId":1}; throws JsonError.
std::uint64_t read_task_id(std::string_view body) {
  std::optional<std::uint64_t> id;
  json::Reader json(body);
  json.object([&](std::string_view name) {
    if (name != "taskId") return json.skip();
    id = json.whole_number();
  });
  json.end();
  if (!id) throw json::Error("JSON: expected a member \"taskId\"");
  return *id;
}

}  // namespace

std::string_view to_string(Collection collection) {
  return collection == Collection::long_poll ? "long-poll" : "poll";
}

CoordinatorMatmul::CoordinatorMatmul(const std::string& url, Codec codec,
                                     CoordinatorMatmulOptions options)
    : options_(std::move(options)),
      codec_(codec),
      client_(http::Origin::parse(url), options_.http) {}

Product CoordinatorMatmul::multiply(const Matrix& a, const Matrix& b) {
  const Duration started_at = monotonic_now();
  product_shape(a.shape(), b.shape());
  const auto deadline = Clock::now() + options_.timeout;
  Answer completed = submit(a, b, deadline);
  const Answer submitted{{}, completed.sent_at, completed.answered_at};
  if (!says_status(completed.reply) || !has_product(completed.reply, "the task")) {
    completed = await_result(task_of(completed), deadline);
  }
  try {
    Product product{decode(completed.reply),
                    {},
                    std::string(completed.reply.header(wire::rest::kWorkerHeader))};
    completed.reply.body = std::string();  // so that giving its memory back is in a phase, too
    product.phases = phases_since(started_at, submitted, completed);
    return product;
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(to_string(client_.origin()) +
                             ": the result cannot be read: " + error.what());
  }
}

std::vector<ListedWorker> CoordinatorMatmul::wait_for_workers(std::size_t count,
                                                              milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    const auto wait = std::clamp(left, milliseconds(0), options_.wait);
    const http::Reply reply = call({.target = "/workers?count=" + std::to_string(count) +
                                              "&wait=" + std::to_string(wait.count()),
                                    .patience = wait})
                                  .reply;
    try {
      std::vector<ListedWorker> workers = read_workers(reply.body);
      const auto silent = std::ranges::count(workers, "silent", &ListedWorker::state);
      const std::size_t present = workers.size() - static_cast<std::size_t>(silent);
      if (present >= count || Clock::now() >= deadline) return workers;
    } catch (const json::Error& error) {
      throw std::runtime_error(to_string(client_.origin()) + "/workers: " + error.what());
    }
  }
}

CoordinatorMatmul::Answer CoordinatorMatmul::submit(const Matrix& a, const Matrix& b,
                                                    Clock::time_point deadline) {
  // Who polls does as the original system's client does; otherwise the product may come in the
  // answer to the submission.
  const auto wait = options_.collection == Collection::poll
                        ? milliseconds(0)
                        : std::min(options_.wait, options_.timeout);
  const std::string separator = options_.split.kind == SplitKind::none ? "?" : "&";
  http::Call task{.method = "POST", .target = "/task" + query_of(options_.split), .patience = wait};
  if (wait > milliseconds(0)) task.target += separator + "wait=" + std::to_string(wait.count());
  if (codec_ == Codec::binary) task.headers.emplace_back("Accept", wire::rest::kBinaryType);
  if (options_.repeats) task.headers.emplace_back(wire::rest::kKeyHeader, new_key());
  const FramePieces frame_a(a);
  const FramePieces frame_b(b);
  if (codec_ == Codec::json) {
    task.content_type = wire::rest::kJsonType;
    task.body = encode_json(a, b);
  } else {
    task.content_type = wire::rest::kBinaryType;
    task.pieces = {frame_a.head(), frame_a.payload(), frame_a.padding(),
                   frame_b.head(), frame_b.payload(), frame_b.padding()};
  }
  return call_until(task, deadline);
}

/// The number of a task that was just submitted.
std::string CoordinatorMatmul::task_of(const Answer& submitted) const {
  const http::Reply& reply = submitted.reply;
  try {
    return std::to_string(read_task_id(reply.body));
  } catch (const json::Error&) {
    throw std::runtime_error(to_string(client_.origin()) + ": POST /task answered \"" +
                             reply.body.substr(0, kMaxQuotedBytes) + "\", expected {\"taskId\":1}");
  }
}

/// Returns the answer of a completed task.
CoordinatorMatmul::Answer CoordinatorMatmul::await_result(const std::string& task,
                                                          Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    const auto wait = next_wait(left);
    http::Call ask{.target = "/result/" + task + "?wait=" + std::to_string(wait.count()),
                   .patience = wait};
    if (codec_ == Codec::binary) ask.headers.emplace_back("Accept", wire::rest::kBinaryType);
    Answer answer = call_until(ask, deadline);
    if (has_product(answer.reply, "task " + task)) return answer;
    if (Clock::now() >= deadline) {
      throw std::runtime_error(to_string(client_.origin()) + ": task " + task + " is still " +
                               std::string(json::Envelope(answer.reply.body).text("status")) +
                               " after " + std::to_string(options_.timeout.count()) + " ms");
    }
  }
}

/// Whether the answer of a task carries its product; throws when there will be none.
bool CoordinatorMatmul::has_product(const http::Reply& reply, const std::string& task) const {
  if (reply.header("Content-Type") == wire::rest::kBinaryType) return true;
  const auto refuse = [&](const std::string& what) -> std::runtime_error {
    return std::runtime_error(to_string(client_.origin()) + ": " + task + " " + what);
  };
  std::string status;
  try {
    status = json::Envelope(reply.body).text("status");
  } catch (const json::EnvelopeError& error) {
    throw refuse(std::string("has no status: ") + error.what());
  }
  if (status == "failed") throw refuse("has failed: " + explanation(reply));
  if (status == "cancelled") throw refuse("was cancelled");
  if (status == "completed") return true;
  if (status != "pending" && status != "processing") throw refuse("is \"" + status + "\"");
  return false;
}

/// How long the next question for a result may wait for its answer. Who polls waits here, as its
/// user does, and asks for an answer at once.
milliseconds CoordinatorMatmul::next_wait(milliseconds left) const {
  left = std::max(left, milliseconds(0));
  if (options_.collection == Collection::long_poll) return std::min(left, options_.wait);
  std::this_thread::sleep_for(std::min(left, options_.poll_interval));
  return milliseconds(0);
}

Matrix CoordinatorMatmul::decode(const http::Reply& reply) const {
  if (reply.header("Content-Type") == wire::rest::kBinaryType)
    return decode_frame<double>(reply.body);
  return decode_text<double>(json::Envelope(reply.body).text("result"));
}

/// The phases of a task whose product is decoded now.
Phases CoordinatorMatmul::phases_since(Duration started_at, const Answer& submitted,
                                       const Answer& completed) {
  const auto timing =
      wire::rest::parse_product_timing(completed.reply.header(wire::rest::kProductTimingHeader));
  if (timing.accepted_at == Duration::zero()) {
    Phases phases = timing.phases;
    phases.submit = submitted.answered_at - started_at;
    phases.collect = timing.collect + (monotonic_now() - completed.answered_at);
    return phases;
  }
  clock_.observe(
      {submitted.sent_at, timing.accepted_at, timing.accepted_at, submitted.answered_at});
  return client_phases(
      timing, {started_at, completed.sent_at, completed.answered_at, monotonic_now()}, clock_);
}

/// The answer to a question that may be asked again, with pauses, until `deadline`.
CoordinatorMatmul::Answer CoordinatorMatmul::call_until(const http::Call& question,
                                                        Clock::time_point deadline) {
  for (;;) {
    try {
      return call(question);
    } catch (const Unanswered&) {
      if (!options_.repeats || Clock::now() + kPauseBeforeRepeat >= deadline) throw;
    }
    std::this_thread::sleep_for(kPauseBeforeRepeat);
  }
}

CoordinatorMatmul::Answer CoordinatorMatmul::call(const http::Call& call) {
  const Duration sent_at = monotonic_now();
  http::Reply reply = send(client_, call);
  const Duration answered_at = monotonic_now() - reply.receiving;
  if (reply.status != 200) {
    const std::string words = to_string(client_.origin()) + ": " + call.method + " " + call.target +
                              ": " + std::to_string(reply.status) + ": " + explanation(reply);
    if (reply.status == kUnavailable) throw Unanswered(words);
    throw std::runtime_error(words);
  }
  return {std::move(reply), sent_at, answered_at};
}

}  // namespace enxame::coordinator
