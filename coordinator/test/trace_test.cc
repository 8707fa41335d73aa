// A real coordinator under load, with workers that vanish, lie and come late and clients that
// repeat themselves: what its store says happened to tasks, and what clients were told, go
// together.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/test/api_server.h"
#include "coordinator/store/task_observer.h"
#include "coordinator/store/test/store_fixture.h"
#include "http/client/client.h"
#include "json/envelope.h"
#include "matmul/codec/text_codec.h"
#include "matmul/kernel.h"
#include "wire/rest.h"

namespace enxame::coordinator {
namespace {

constexpr int kClients = 6;
constexpr int kTasksEach = 150;
constexpr int kPushWorkers = 4;
constexpr int kRestWorkers = 4;
constexpr std::chrono::milliseconds kLease{100};

/// All that a store says, in the order in which it happened.
class Trace : public TaskObserver {
 public:
  struct Entry {
    TaskId task;
    std::uint64_t lease;
    TaskEvent event;
    TaskState before;
    TaskState after;
  };

  void submitted(const TaskRecord& task) noexcept override {
    const std::lock_guard lock(mutex_);
    submitted_.insert(task.id);
  }
  void changed(const TaskChange& change) noexcept override {
    const std::lock_guard lock(mutex_);
    entries_.push_back(
        {change.task.id, change.task.lease, change.event, change.before, change.task.state()});
  }

  const std::set<TaskId>& submitted() const { return submitted_; }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::mutex mutex_;
  std::set<TaskId> submitted_;
  std::vector<Entry> entries_;
};

/// A worker of its own name each time that it begins.
class FaultyWorkers {
 public:
  explicit FaultyWorkers(const std::string& url) : url_(url) {
    for (int i = 0; i < kPushWorkers; ++i) threads_.emplace_back([this, i] { push(i); });
    for (int i = 0; i < kRestWorkers; ++i) threads_.emplace_back([this, i] { ask(i); });
  }
  FaultyWorkers(const FaultyWorkers&) = delete;
  FaultyWorkers& operator=(const FaultyWorkers&) = delete;
  ~FaultyWorkers() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  /// Vanishes with one task in ten, and lies about one in thirty.
  void push(int number) {
    std::mt19937 random(static_cast<unsigned>(number));
    for (int life = 0; !stopping_; ++life) {
      PushPeer peer(url_,
                    "role=worker&workerId=p" + std::to_string(number) + "." + std::to_string(life));
      try {
        while (!stopping_ && serve(peer, random)) {
        }
      } catch (const std::runtime_error&) {
        // In quarantine, or the connection is gone: it begins again.
      }
    }
  }

  /// Returns whether it goes on.
  bool serve(PushPeer& peer, std::mt19937& random) {
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    if (peer.socket().await(soon) != http::WebSocket::Event::message) return true;
    PushPeer::Message task{read_message_header(peer.socket()), {}};
    task.payload = peer.socket().read_rest();
    if (random() % 10 == 0) return false;
    if (random() % 30 == 0) {
      const wire::Factors factors = wire::decode_multiply(task.payload);
      Matrix wrong = multiply(factors.a, factors.b, Kernel::naive);
      wrong(0, 0) += 1;
      peer.send_raw(wire::encode_product(task.header.call_id, wrong, {}));
      return true;
    }
    peer.compute(task);
    return true;
  }

  struct Claimed {
    std::string target;
    std::string body;
    std::chrono::steady_clock::time_point late_at;  // when its lease is over
  };

  /// Answers for one task in eight only much later, and never for one in twenty.
  void ask(int number) {
    std::mt19937 random(static_cast<unsigned>(100 + number));
    http::Client client(http::Origin::parse(url_));
    std::vector<Claimed> later;
    for (int question = 0; !stopping_; ++question) {
      const std::string name = "r" + std::to_string(number);
      const http::Reply task = client.send({.target = "/task/next?wait=20&workerId=" + name +
                                                      "&question=" + std::to_string(question + 1)});
      if (task.status == 200) {
        Claimed claimed = compute(task, name);
        if (random() % 20 == 0) continue;
        if (random() % 8 == 0) {
          later.push_back(std::move(claimed));
          continue;
        }
        send(client, claimed);
      }
      if (!later.empty() && std::chrono::steady_clock::now() > later.front().late_at) {
        send(client, later.front());
        later.erase(later.begin());
      }
    }
  }

  static Claimed compute(const http::Reply& task, const std::string& name) {
    const std::size_t begin = task.body.find(R"({"A")");
    const json::Envelope data(
        std::string_view(task.body).substr(begin, task.body.size() - begin - 1));
    const Matrix product = multiply(decode_text<double>(data.text("A")),
                                    decode_text<double>(data.text("B")), Kernel::naive);
    return {
        "/task/" + std::string(task.header(wire::rest::kTaskHeader)) + "/result?workerId=" + name +
            "&lease=" + std::string(task.header(wire::rest::kLeaseHeader)),
        R"({"result":")" + encode_text(product) + "\"}", std::chrono::steady_clock::now() + kLease};
  }

  static void send(http::Client& client, const Claimed& claimed) {
    client.send({.method = "POST", .target = claimed.target, .body = claimed.body});
  }

  const std::string url_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

/// What a client was told of its tasks, by their numbers.
using Told = std::map<std::string, std::string>;

/// Submits one task after the other, each twice under its key, and waits for its product.
Told submit_all(const std::string& url, int number) {
  http::Client client(http::Origin::parse(url));
  Told told;
  for (int i = 0; i < kTasksEach; ++i) {
    const std::string a = std::to_string(number + 1);
    const std::string b = std::to_string(i);
    const http::Call call{.method = "POST",
                          .target = "/task?clientId=c" + std::to_string(number),
                          .headers = {{wire::rest::kKeyHeader, a + "." + b}},
                          .body = R"({"A":"[[)" + a + R"(]]","B":"[[)" + b + R"(]]"})"};
    const std::string first = client.send(call).body;
    EXPECT_EQ(client.send(call).body, first) << "one task for one key";
    const std::string id = first.substr(10, first.size() - 11);
    std::string result;
    do {
      result = client.send({.target = "/result/" + id + "?wait=5000"}).body;
    } while (result.find(R"("completed")") == std::string::npos &&
             result.find(R"("failed")") == std::string::npos);
    EXPECT_THAT(result, testing::HasSubstr("[[" + std::to_string((number + 1) * i) + "]]"));
    EXPECT_EQ(client.send({.target = "/result/" + id}).body, result) << "the same again";
    told[id] = result;
  }
  return told;
}

TEST(Trace, OfARealCoordinatorUnderFaultsObeysTheRules) {
  Trace trace;
  std::vector<Told> told(kClients);
  {
    ApiServer server({.store = {.lease = kLease, .limits = {.attempts = 1'000}},
                      .broker = {.verify = Verify::all},
                      .observers = {&trace}});
    const FaultyWorkers workers(server.url());
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back(
          [&, i] { told[static_cast<std::size_t>(i)] = submit_all(server.url(), i); });
    }
    for (std::thread& client : clients) client.join();
  }
  std::size_t answered = 0;
  for (const Told& each : told) answered += each.size();
  EXPECT_EQ(answered, static_cast<std::size_t>(kClients * kTasksEach));
  EXPECT_EQ(trace.submitted().size(), answered) << "exactly one task for each";

  std::map<TaskId, TaskState> state;
  std::map<TaskId, std::uint64_t> lease;
  std::map<TaskId, int> ends;
  std::map<TaskEvent, int> times;
  std::uint64_t last_lease = 0;
  for (const Trace::Entry& entry : trace.entries()) {
    ASSERT_EQ(entry.before, state[entry.task]) << "what happened is told in its order";
    if (entry.event == TaskEvent::claimed) {
      ASSERT_GT(entry.lease, last_lease) << "no two claims have one generation";
      last_lease = lease[entry.task] = entry.lease;
    } else if (entry.event != TaskEvent::accepted_late) {
      ASSERT_EQ(entry.lease, lease[entry.task]) << "nobody but the holder has an effect";
    }
    state[entry.task] = entry.after;
    if (is_finished(entry.after)) ++ends[entry.task];
    ++times[entry.event];
  }
  for (const TaskId task : trace.submitted()) {
    EXPECT_EQ(ends[task], 1) << "task " << task << " has one end";
    EXPECT_EQ(state[task], TaskState::completed);
  }
  // There was something to obey them under.
  for (const TaskEvent event :
       {TaskEvent::abandoned, TaskEvent::expired, TaskEvent::nacked, TaskEvent::accepted_late}) {
    EXPECT_GT(times[event], 0) << to_string(event);
  }
}

}  // namespace
}  // namespace enxame::coordinator
