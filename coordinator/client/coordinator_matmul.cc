#include "coordinator/client/coordinator_matmul.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <utility>

#include "coordinator/client/frame_pieces.h"
#include "coordinator/json_envelope.h"
#include "matmul/binary_codec.h"
#include "matmul/text_codec.h"

namespace enxame {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* kBinaryType = "application/octet-stream";
constexpr const char* kJsonType = "application/json";
constexpr std::size_t kMaxQuotedBytes = 200;

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

/// What the coordinator says is wrong, or what it says instead.
std::string explanation(const http::Reply& reply) {
  try {
    return std::string(Envelope(reply.body).text("error"));
  } catch (const EnvelopeError&) {
    return "\"" + reply.body.substr(0, kMaxQuotedBytes) + "\"";
  }
}

Phases phases_of(const http::Reply& reply) {
  const auto timing = parse_server_timing(reply.header("Server-Timing"));
  Phases phases;
  phases.queue = duration_of(timing, "queue");
  phases.worker = {duration_of(timing, "decode"), duration_of(timing, "compute"),
                   duration_of(timing, "encode")};
  phases.transport =
      std::max(Duration::zero(), duration_of(timing, "away") - phases.worker.total());
  phases.collect = duration_of(timing, "collect");
  return phases;
}

}  // namespace

std::string_view to_string(Collection collection) {
  return collection == Collection::long_poll ? "long-poll" : "poll";
}

CoordinatorMatmul::CoordinatorMatmul(const std::string& url, Codec codec,
                                     CoordinatorMatmulOptions options)
    : options_(options), codec_(codec), client_(http::Origin::parse(url), options.http) {}

Product CoordinatorMatmul::multiply(const Matrix& a, const Matrix& b) {
  product_shape(a.shape(), b.shape());
  const auto started = Clock::now();
  const std::string task = submit(a, b);
  const Duration submitting = Clock::now() - started;
  const http::Reply reply = await_result(task);
  try {
    const auto received = Clock::now();
    Matrix product = decode(reply);
    Phases phases = phases_of(reply);
    phases.submit = submitting;
    phases.collect += reply.receiving + (Clock::now() - received);
    return {std::move(product), phases, std::string(reply.header("Enxame-Worker"))};
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(to_string(client_.origin()) + ": the result of task " + task +
                             " cannot be read: " + error.what());
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
                                    .patience = wait});
    try {
      std::vector<ListedWorker> workers;
      std::size_t present = 0;
      const auto listing = nlohmann::json::parse(reply.body);
      for (const auto& worker : listing.at("workers")) {
        workers.push_back({worker.at("workerId"), worker.at("state")});
        present += workers.back().state == "silent" ? 0 : 1;
      }
      if (present >= count || Clock::now() >= deadline) return workers;
    } catch (const nlohmann::json::exception& error) {
      throw std::runtime_error(to_string(client_.origin()) + "/workers: " + error.what());
    }
  }
}

/// Returns the task's number.
std::string CoordinatorMatmul::submit(const Matrix& a, const Matrix& b) {
  http::Call task{.method = "POST", .target = "/task"};
  const FramePieces frame_a(a);
  const FramePieces frame_b(b);
  if (codec_ == Codec::json) {
    task.content_type = kJsonType;
    task.body = encode_json(a, b);
  } else {
    task.content_type = kBinaryType;
    task.pieces = {frame_a.head(), frame_a.payload(), frame_a.padding(),
                   frame_b.head(), frame_b.payload(), frame_b.padding()};
  }
  const http::Reply reply = call(task);
  const auto parsed = nlohmann::json::parse(reply.body, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("taskId") || !parsed["taskId"].is_number_unsigned()) {
    throw std::runtime_error(to_string(client_.origin()) + ": POST /task answered \"" +
                             reply.body.substr(0, kMaxQuotedBytes) + "\", expected {\"taskId\":1}");
  }
  return std::to_string(parsed["taskId"].get<std::uint64_t>());
}

/// Returns the answer of a completed task.
http::Reply CoordinatorMatmul::await_result(const std::string& task) {
  const auto deadline = Clock::now() + options_.timeout;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    const auto wait = next_wait(left);
    http::Call ask{.target = "/result/" + task + "?wait=" + std::to_string(wait.count()),
                   .patience = wait};
    if (codec_ == Codec::binary) ask.headers.emplace_back("Accept", kBinaryType);
    http::Reply reply = call(ask);
    if (reply.header("Content-Type") == kBinaryType) return reply;

    const auto refuse = [&](const std::string& what) -> std::runtime_error {
      return std::runtime_error(to_string(client_.origin()) + ": task " + task + " " + what);
    };
    std::string status;
    try {
      status = Envelope(reply.body).text("status");
    } catch (const EnvelopeError& error) {
      throw refuse(std::string("has no status: ") + error.what());
    }
    if (status == "completed") return reply;
    if (status == "failed") throw refuse("has failed: " + explanation(reply));
    if (status != "pending" && status != "processing") throw refuse("is \"" + status + "\"");
    if (Clock::now() >= deadline) {
      throw refuse("is still " + status + " after " + std::to_string(options_.timeout.count()) +
                   " ms");
    }
  }
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
  if (reply.header("Content-Type") == kBinaryType) return decode_frame<double>(reply.body);
  return decode_text<double>(Envelope(reply.body).text("result"));
}

http::Reply CoordinatorMatmul::call(const http::Call& call) {
  http::Reply reply = client_.send(call);
  if (reply.status != 200) {
    throw std::runtime_error(to_string(client_.origin()) + ": " + call.method + " " + call.target +
                             ": " + std::to_string(reply.status) + ": " + explanation(reply));
  }
  return reply;
}

}  // namespace enxame
