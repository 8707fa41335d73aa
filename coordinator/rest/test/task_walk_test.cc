// A random walk over the API: whatever anyone asks in whatever order, tasks keep the rules of their
// lives. A few thousand steps in every run of the tests; ENXAME_MUTATED_INPUTS sets how many.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/rest/test/routes_fixture.h"
#include "coordinator/store/test/store_fixture.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/kernel.h"
#include "testing/mutated.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {}

  /// One question, drawn at random; EXPECTs that its answer can be.
  void step() {
    clock_.advance(milliseconds(below(3)));
    switch (below(12)) {
      case 0:
      case 1:
        return submit();
      case 2:
      case 3:
      case 4:
        return claim();
      case 5:
      case 6:
      case 7:
        return answer_a_held_task();
      case 8:
        return answer_any_task();
      case 9:
        return look();
      case 10:
        return ask_for_anything();
      default:
        clock_.advance(milliseconds(below(60)));
        return api_.broker().expire_leases();
    }
  }

  /// What must hold between any two questions.
  void check() {
    const StoreStats stats = api_.broker().stats();
    ASSERT_LE(stats.completed + told_.failed(), stats.total);
    ASSERT_EQ(told_.submitted(), stats.total);
    ASSERT_LE(stats.stored_bytes, kMaxStored + 100'000);
    for (const auto& [id, was] : seen_) {
      std::string is = status_of(api_.get("/result/" + std::to_string(id)));
      ASSERT_TRUE(is == was || may_become(was, is)) << id << " was " << was << " and is " << is;
      if (is == "410") ++forgotten_;
      seen_[id] = std::move(is);
    }
    std::erase_if(seen_, [](const auto& each) { return each.second == "410"; });
  }

  /// Whether the walk went everywhere.
  void expect_coverage() {
    EXPECT_GT(api_.broker().stats().completed, 0u);
    EXPECT_GT(told_.failed(), 0u);
    EXPECT_GT(told_.tiles(), 0u);
    EXPECT_GT(told_.times(TaskEvent::expired), 0u);
    EXPECT_GT(told_.times(TaskEvent::nacked), 0u);
    EXPECT_GT(told_.times(TaskEvent::undelivered), 0u);
    EXPECT_GT(forgotten_, 0u);
    for (const int status : {200, 204, 400, 404, 405, 409, 410, 413, 415, 429}) {
      EXPECT_GT(answers_.count(status), 0u) << status;
    }
    for (const auto& [status, times] : answers_) EXPECT_TRUE(status < 500 || status == 503);
  }

 private:
  static constexpr std::size_t kMaxStored = 200'000;

  struct Taken {
    std::string id;
    std::string worker;
    std::string lease;
    Matrix product;
  };

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  template <typename List>
  auto one_of(const List& list) {
    return list[below(list.size())];
  }

  http::Response ask(const std::string& method, const std::string& target, std::string body = "",
                     http::Headers headers = {}) {
    http::Response answer = api_.ask(method, target, std::move(body), std::move(headers));
    ++answers_[answer.status];
    return answer;
  }

  void submit() {
    const std::size_t m = 1 + below(4);
    const std::size_t k = 1 + below(3);
    const Matrix a = random_matrix<double>({m, k}, random_());
    Matrix b = random_matrix<double>({k, 1 + below(4)}, random_());
    if (below(20) == 0) b.values()[0] = std::numeric_limits<double>::infinity();
    if (below(30) == 0) b = Matrix(7, 1);  // with which A cannot be multiplied
    if (below(25) == 0) b = Matrix(k, 3'000);
    std::string target = "/task";
    switch (below(4)) {
      case 0:
        target += "?split=rows&tiles=" + std::to_string(1 + below(5));
        break;
      case 1:
        target += "?split=grid" + std::string(below(2) == 0 ? "" : "&tiles=4");
        break;
      default:
        break;
    }
    const bool binary = below(2) == 0 || !std::isfinite(b.values()[0]);
    const http::Response answer =
        binary ? ask("POST", target, frame(a) + frame(b), {{"Content-Type", kBinary}})
               : ask("POST", target,
                     R"({"A":")" + encode_text(a) + R"(","B":")" + encode_text(b) + "\"}");
    if (answer.status != 200) return;
    constexpr std::string_view kBefore = R"({"taskId":)";
    ASSERT_TRUE(answer.body.starts_with(kBefore));
    const TaskId id = std::stoull(answer.body.substr(kBefore.size()));
    ASSERT_GT(id, last_id_) << "numbers do not come again";
    last_id_ = id;
    seen_[id] = "pending";
  }

  void claim() {
    std::string worker = one_of(kWorkers);
    std::string target = "/task/next" + (worker.empty() ? "" : "?workerId=" + worker);
    if (below(2) == 0) target += std::string(worker.empty() ? "?" : "&") + "operands=digest";
    if (below(15) == 0) target += "&wait=never";
    api_.set_peer_connected(below(15) != 0);
    const http::Response task = ask("GET", target, "", {{"Accept", one_of(kAccepts)}});
    api_.set_peer_connected(true);
    take(task, worker);
  }

  /// Computes what a task's answer brought, unless that never arrived.
  void take(const http::Response& task, const std::string& worker) {
    const std::string id = Api::header(task, "Enxame-Task");
    if (task.status != 200 || id.empty()) return;
    const bool arrives = below(15) != 0;
    task.after_write(arrives);
    if (arrives && held_.size() < 40) {
      held_.push_back({id, worker, Api::header(task, "Enxame-Lease"), product_of(task)});
    }
  }

  Matrix product_of(const http::Response& task) {
    if (task.content_type != kBinary) {
      const auto text = [&](const char* name) {
        const std::size_t at = task.body.find(name) + std::string_view(name).size();
        return decode_text<double>(task.body.substr(at, task.body.find('"', at) - at));
      };
      return multiply(text(R"("A":")"), text(R"("B":")"), Kernel::naive);
    }
    std::string_view rest = task.body;
    const Matrix a = take_frame<double>(rest);
    if (!rest.empty()) return multiply(a, decode_frame<double>(rest), Kernel::naive);
    const http::Response b = ask("GET", "/operand/" + Api::header(task, "Enxame-Operand"));
    if (b.status != 200) return Matrix{{0}};
    return multiply(a, decode_frame<double>(b.body), Kernel::naive);
  }

  void answer_a_held_task() {
    if (held_.empty()) return;
    const std::size_t which = below(held_.size());
    const Taken task = held_[which];
    if (below(8) != 0) held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(which));
    const std::string lease = below(4) == 0 ? "" : "&lease=" + task.lease;
    answer(task.id, below(10) == 0 ? std::string(one_of(kWorkers)) : task.worker, lease,
           task.product);
  }

  void answer_any_task() { answer(std::to_string(any_id()), one_of(kWorkers), "", Matrix{{1}}); }

  /// Of a task, or near one: of a tile, most likely.
  TaskId any_id() {
    const TaskId last = last_id_ + 3;
    return last - std::min<TaskId>(last, below(60));
  }

  void answer(const std::string& id, const std::string& worker, const std::string& lease,
              const Matrix& product) {
    std::string target =
        "/task/" + id + "/result?" + (worker.empty() ? "" : "workerId=" + worker) + lease;
    const bool next = below(3) == 0;
    if (next) target += "&next=1";
    http::Headers headers{{"Accept", one_of(kAccepts)}};
    if (below(2) == 0) headers.emplace_back("Prefer", "return=minimal");
    if (below(3) == 0) headers.emplace_back("Enxame-Timing", one_of(kTimings));
    std::string body;
    if (below(2) == 0) {
      headers.emplace_back("Content-Type", kBinary);
      body = below(10) == 0 ? frame(Matrix{{std::numeric_limits<double>::quiet_NaN()}})
                            : frame(product);
    } else {
      if (below(4) == 0) headers.emplace_back("Content-Type", "image/png");
      body = below(4) == 0 ? std::string(one_of(kOddBodies))
                           : R"({"result":")" + encode_text(product) + "\"}";
    }
    const http::Response answer = ask("POST", target, std::move(body), std::move(headers));
    if (next) take(answer, worker);
  }

  void look() {
    const std::string target = "/result/" + std::to_string(any_id());
    ask(below(4) == 0 ? "HEAD" : "GET", target, "", {{"Accept", one_of(kAccepts)}});
  }

  void ask_for_anything() {
    ask(one_of(kMethods), one_of(kTargets), std::string(one_of(kOddBodies)),
        {{"Accept", one_of(kAccepts)}});
  }

  static std::string frame(const Matrix& matrix) {
    std::string out;
    append_frame(matrix, out);
    return out;
  }

  static std::string status_of(const http::Response& answer) {
    if (answer.status != 200) return std::to_string(answer.status);
    constexpr std::string_view kBefore = R"("status":")";
    const std::size_t at = answer.body.find(kBefore) + kBefore.size();
    return answer.body.substr(at, answer.body.find('"', at) - at);
  }

  static bool may_become(const std::string& was, const std::string& is) {
    if (was == "completed" || was == "failed") return is == "410";
    return true;
  }

  static constexpr std::array<const char*, 4> kWorkers{"", "w1", "w2", "w3"};
  static constexpr std::array<const char*, 2> kAccepts{kBinary, "application/json"};
  static constexpr std::array<const char*, 3> kTimings{
      "decode;dur=1, compute;dur=2, encode;dur=3", "compute;dur=315360000000", "compute;dur=soon"};
  static constexpr std::array<const char*, 8> kOddBodies{"",
                                                         "{}",
                                                         R"({"error":"too hot"})",
                                                         R"({"refused":"too odd"})",
                                                         R"({"result":"[[1,2,3]]"})",
                                                         "[1]",
                                                         R"({"result":1})",
                                                         R"({"A":"[[1]]","B":"[[2]]"})"};
  static constexpr std::array<const char*, 5> kMethods{"GET", "POST", "HEAD", "PUT", "OPTIONS"};
  static constexpr std::array<const char*, 10> kTargets{
      "/stats",        "/workers?count=0", "/health",    "/metrics", "/task?split=rows",
      "/operand/0000", "/result/x",        "/task/next", "/ws",      "/task//result"};

  std::mt19937_64 random_;
  LaggingClock clock_;
  CountingObserver told_;
  Api api_{{.store = {.lease = milliseconds(50),
                      .hold = milliseconds(50),
                      .max_stored_bytes = kMaxStored},
            .broker = {.now = [this] { return clock_.now(); }},
            .observers = {&told_},
            .max_product_bytes = 50'000}};
  TaskId last_id_ = 0;
  std::map<TaskId, std::string> seen_;
  std::vector<Taken> held_;
  std::map<int, std::size_t> answers_;
  std::size_t forgotten_ = 0;
};

TEST(TaskWalk, KeepsTheRulesOfEveryTasksLife) {
  // The clock may not go beyond the real one, so a long walk begins anew now and then.
  constexpr std::size_t kStepsEach = 5'000;
  for (std::size_t done = 0; done < testing::mutated_inputs(); done += kStepsEach) {
    Walk walk(done);
    for (std::size_t i = 0; i < kStepsEach; ++i) {
      walk.step();
      if (i % 100 == 0) walk.check();
      ASSERT_FALSE(::testing::Test::HasFailure()) << "step " << done + i;
    }
    walk.expect_coverage();
  }
}

}  // namespace
}  // namespace enxame::coordinator
