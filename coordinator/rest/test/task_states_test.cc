// What a worker may say of a task: every kind of task, in every state, whoever says what.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>

#include "coordinator/broker/test/test_broker.h"
#include "coordinator/rest/test/routes_fixture.h"
#include "coordinator/store/test/store_fixture.h"
#include "matmul/codec/binary_codec.h"

namespace enxame::coordinator {
namespace {

enum class Kind { json, binary, split, tile };
enum class State { unknown, pending, held, leased, completed, failed, forgotten };
enum class Speaker { nameless, holder, other };
enum class Words { product, frame, wrong_shape, excuse, refusal, nonsense, nothing };

constexpr std::array kKinds{"json", "binary", "split", "tile"};
constexpr std::array kStates{"unknown",   "pending", "held",     "leased",
                             "completed", "failed",  "forgotten"};

std::string frame(const Matrix& matrix) {
  std::string out;
  append_frame(matrix, out);
  return out;
}

/// A coordinator with one task of a kind in a state, 2 × 1 times 1 × 1; w1 has it where it is held,
/// and names its lease where it was told one.
class Scene {
 public:
  Scene(Kind kind, State state) : kind_(kind) {
    if (state == State::unknown) {
      id_ = 77;
      return;
    }
    submit();
    switch (state) {
      case State::held:
        claim("");
        break;
      case State::leased:
        lease_ = "&lease=" + claim("&wait=1");
        break;
      case State::completed:
        end(text_product());
        break;
      case State::failed:
        end(R"({"refused":"no"})");
        break;
      case State::forgotten:
        end(text_product());
        push_out();
        break;
      default:
        break;
    }
  }

  /// The status that the words get, and how the task is then.
  std::tuple<int, std::string> say(Speaker speaker, Words words, const std::string& more = "") {
    const std::string name = speaker == Speaker::nameless ? "x=" : "workerId=";
    const std::string who = speaker == Speaker::holder ? "w1" : "w2";
    http::Headers headers;
    if (words == Words::frame) headers.emplace_back("Content-Type", kBinary);
    const std::string lease = speaker == Speaker::holder ? lease_ : "";
    const std::string target = "/task/" + std::to_string(id_) + "/result?" + name + who;
    const int status = api_.post(target + lease + more, text_of(words), headers).status;
    return {status, status_of_task()};
  }

  /// Whether every other question about it is answered.
  void expect_answers() {
    const std::string result = "/result/" + std::to_string(id_);
    for (const char* accept : {"application/json", kBinary}) {
      EXPECT_LT(api_.get(result, {{"Accept", accept}}).status, 500);
      EXPECT_LT(api_.ask("HEAD", result, "", {{"Accept", accept}}).status, 500);
    }
    for (const char* path : {"/stats", "/workers", "/metrics", "/health"}) {
      EXPECT_EQ(api_.get(path).status, 200);
    }
  }

  /// Whoever asks next gets it, or its tiles, and can finish it.
  void expect_finishes() {
    clock_.advance(kLease);
    api_.broker().expire_leases();
    for (;;) {
      const http::Response task = api_.get("/task/next?workerId=last");
      if (task.status == 204) break;
      const std::string id = Api::header(task, "Enxame-Task");
      const TaskId number = std::stoull(id);
      EXPECT_EQ(api_.post("/task/" + id + "/result?workerId=last", product_of(number)).status, 200);
    }
    EXPECT_THAT(status_of_task(), testing::AnyOf("completed", "failed", "404", "410"));
    EXPECT_EQ(api_.broker().stats().active, 0u);
    EXPECT_EQ(api_.broker().stats().queued, 0u);
  }

 private:
  void submit() {
    const bool split = kind_ == Kind::split || kind_ == Kind::tile;
    const std::string path = split ? "/task?split=rows&tiles=2" : "/task";
    const http::Response answer =
        kind_ == Kind::binary ? api_.post(path, frame(Matrix{{1}, {2}}) + frame(Matrix{{3}}),
                                          {{"Content-Type", kBinary}})
                              : api_.post(path, R"({"A":"[[1],[2]]","B":"[[3]]"})");
    ASSERT_EQ(answer.status, 200);
    id_ = kind_ == Kind::tile ? 2 : 1;
  }
  /// Returns the lease.
  std::string claim(const std::string& how) {
    const http::Response task = api_.get("/task/next?workerId=w1" + how);
    EXPECT_EQ(task.status, 200);
    return Api::header(task, "Enxame-Lease");
  }
  /// A split task ends with its tiles.
  void end(const std::string& words) {
    const bool is_split = kind_ == Kind::split;
    const TaskId last = is_split ? 3 : id_;
    for (TaskId id = is_split ? 2 : id_; id <= last; ++id) {
      claim("");
      const std::string text = words.starts_with(R"({"result")") ? product_of(id) : words;
      ASSERT_EQ(api_.post("/task/" + std::to_string(id) + "/result", text).status, 200);
      if (text == words && is_split) break;  // a refused tile ends its task
    }
  }
  /// Lets go of all that is finished, of a tile with its task.
  void push_out() {
    if (kind_ == Kind::tile) {
      claim("");
      api_.post("/task/3/result", product_of(3));
    }
    for (int i = 0; i < 2; ++i) {
      const auto large =
          std::make_shared<Operands>(Operands{Codec::json, std::string(9'000, 'x'), {1, 1}});
      const TaskId id = api_.broker().submit(large);
      claim("");
      ShortBroker(api_.broker()).complete(id, "w1", {Codec::json, std::string(9'000, '1')});
    }
  }

  /// Of the task that the scene is about.
  std::string text_product() const { return product_of(id_); }
  std::string product_of(TaskId id) const {
    if (kind_ == Kind::tile || (kind_ == Kind::split && id != id_)) {
      return id == 2 ? R"({"result":"[[3]]"})" : R"({"result":"[[6]]"})";
    }
    return R"({"result":"[[3],[6]]"})";
  }
  std::string text_of(Words words) const {
    switch (words) {
      case Words::product:
        return text_product();
      case Words::frame:
        return frame(kind_ == Kind::tile ? Matrix{{3}} : Matrix{{3}, {6}});
      case Words::wrong_shape:
        return R"({"result":"[[1,2,3]]"})";
      case Words::excuse:
        return R"({"error":"too hot"})";
      case Words::refusal:
        return R"({"refused":"too odd"})";
      case Words::nonsense:
        return "{";
      case Words::nothing:
        break;
    }
    return "";
  }
  std::string status_of_task() {
    const http::Response answer = api_.get("/result/" + std::to_string(id_));
    if (answer.status != 200) return std::to_string(answer.status);
    constexpr std::string_view kBefore = R"("status":")";
    const std::size_t at = answer.body.find(kBefore) + kBefore.size();
    return answer.body.substr(at, answer.body.find('"', at) - at);
  }

  const Kind kind_;
  static constexpr std::chrono::seconds kLease{30};

  LaggingClock clock_;
  Api api_{{.store = {.lease = kLease, .hold = kLease, .max_stored_bytes = 16'000},
            .broker = {.now = [this] { return clock_.now(); }}}};
  TaskId id_ = 0;
  std::string lease_;
};

/// The status of an answer that is taken, or refused, because of who says what.
int expected_status(Kind kind, State state, Speaker speaker, Words words) {
  switch (state) {
    case State::unknown:
      return 404;
    case State::forgotten:
      return 410;
    case State::completed:
      // As it was answered before; another product is refused. A tile's is part of its task's.
      return words == Words::wrong_shape && kind != Kind::tile ? 409 : 200;
    case State::pending:
    case State::failed:
      return 409;
    default:
      break;
  }
  if (kind == Kind::split || speaker == Speaker::other) return 409;
  if (state == State::leased && speaker == Speaker::nameless) return 409;
  const bool is_understood = words == Words::product || words == Words::frame ||
                             words == Words::excuse || words == Words::refusal;
  return is_understood ? 200 : 400;
}

std::string expected_task(State state, int status, Words words) {
  const bool is_held = state == State::held || state == State::leased;
  const bool is_taken = status == 200 && is_held;
  if (is_taken) {
    if (words == Words::refusal) return "failed";
    return words == Words::excuse ? "pending" : "completed";
  }
  if (status == 400) return "pending";
  if (is_held) return "processing";
  if (status == 404 || status == 410) return std::to_string(status);
  return kStates[static_cast<std::size_t>(state)];
}

class TaskStates : public testing::TestWithParam<std::tuple<Kind, State>> {};

TEST_P(TaskStates, AnswerWhoeverSaysWhat) {
  const auto [kind, state] = GetParam();
  for (const Speaker speaker : {Speaker::nameless, Speaker::holder, Speaker::other}) {
    for (const Words words : {Words::product, Words::frame, Words::wrong_shape, Words::excuse,
                              Words::refusal, Words::nonsense, Words::nothing}) {
      Scene scene(kind, state);
      const auto [status, task] = scene.say(speaker, words);
      EXPECT_EQ(status, expected_status(kind, state, speaker, words));
      EXPECT_EQ(task, expected_task(state, status, words));
      EXPECT_FALSE(testing::Test::HasFailure())
          << "speaker " << static_cast<int>(speaker) << ", words " << static_cast<int>(words);
      scene.expect_answers();
      scene.expect_finishes();
    }
  }
}

TEST_P(TaskStates, TakeNoNextTaskWithARefusal) {
  const auto [kind, state] = GetParam();
  Scene scene(kind, state);
  const auto [status, task] = scene.say(Speaker::other, Words::product, "&next=1");
  EXPECT_THAT(status, testing::AnyOf(200, 204, 404, 409, 410));
  scene.expect_answers();
  scene.expect_finishes();
}

INSTANTIATE_TEST_SUITE_P(
    Each, TaskStates,
    testing::Combine(testing::Values(Kind::json, Kind::binary, Kind::split, Kind::tile),
                     testing::Values(State::unknown, State::pending, State::held, State::leased,
                                     State::completed, State::failed, State::forgotten)),
    [](const auto& instance) {
      return std::string(kKinds[static_cast<std::size_t>(std::get<0>(instance.param))]) + "_" +
             kStates[static_cast<std::size_t>(std::get<1>(instance.param))];
    });

}  // namespace
}  // namespace enxame::coordinator
