#include "worker/pushed_task_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "matmul/test/example.h"
#include "wire/message.h"
#include "worker/test/fake_host.h"
#include "worker/worker_loop.h"

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// One message of a worker, taken apart.
struct Answer {
  wire::MessageHeader header;
  std::string payload;
};

Answer read(const std::string& message) {
  const auto head = std::string_view(message).substr(0, wire::kMessageHeaderBytes);
  return {wire::parse_message_header(head, wire::kDefaultMaxPayloadBytes),
          message.substr(wire::kMessageHeaderBytes)};
}

/// A worker that was told `dispatch=push` and whose connection stands.
class PushedTaskSourceTest : public ::testing::Test {
 protected:
  PushedTaskSourceTest() { start(""); }

  void start(const std::string& parameters) {
    loop_.reset();
    host_.emplace();
    loop_.emplace(parse_worker_options("dispatch=push&workerId=w%2B1" + parameters, ""), *host_);
    loop_->start();
    host_->accept();
  }
  /// Fires the only timer, which must run for that long.
  void let_pass(int pause_ms) {
    ASSERT_THAT(host_->timers(), ElementsAre(pause_ms));
    host_->advance(milliseconds(pause_ms));
  }
  Answer last_answer() const { return read(host_->messages.back()); }
  const WorkerStatus& status() const { return loop_->status(); }

  std::optional<FakeHost> host_;
  std::optional<WorkerLoop> loop_;
};

TEST_F(PushedTaskSourceTest, ConnectsAndAnswersEveryTaskWithItsProduct) {
  EXPECT_THAT(host_->targets, ElementsAre("/ws?role=worker&workerId=w%2B1"));
  EXPECT_EQ(status().state, WorkerState::asking);
  EXPECT_TRUE(status().contact);
  for (std::uint64_t id = 7; id < 9; ++id) {
    host_->push(wire::encode_multiply(id, kA, kB));
    EXPECT_EQ(last_answer().header.kind, wire::MessageKind::product);
    EXPECT_EQ(last_answer().header.call_id, id);
    EXPECT_EQ(wire::decode_product_matrix(last_answer().payload, kC.shape()), kC);
    EXPECT_EQ(status().state, WorkerState::asking);
  }
  EXPECT_EQ(status().completed, 2U);
  EXPECT_EQ(status().last->task, 8U);
  EXPECT_EQ(host_->open(), 0U) << "no request beside the connection";
  EXPECT_THAT(host_->timers(), IsEmpty());
}

TEST_F(PushedTaskSourceTest, ReportsItsOwnPhases) {
  host_->tick = milliseconds(2);
  const Duration came = host_->now();
  host_->push(wire::encode_multiply(7, kA, kB));
  const Duration left = host_->now();
  const WorkerPhases phases = wire::decode_product_phases(last_answer().payload);
  EXPECT_EQ(phases.decode, milliseconds(2));
  EXPECT_EQ(phases.compute, milliseconds(2));
  EXPECT_EQ(phases.encode, milliseconds(2));
  EXPECT_EQ(phases.received_at, came + host_->tick) << "the first look at the clock";
  EXPECT_EQ(phases.sent_at, left - host_->tick) << "the last one";
}

TEST_F(PushedTaskSourceTest, HoldsATaskForTheServiceTime) {
  start("&serviceTime=100");
  host_->push(wire::encode_multiply(7, kA, kB));
  EXPECT_THAT(host_->messages, IsEmpty());
  let_pass(100);
  EXPECT_EQ(wire::decode_product_phases(last_answer().payload).compute, milliseconds(100));
}

TEST_F(PushedTaskSourceTest, RefusesWhatNobodyCanCompute) {
  host_->push(wire::encode_multiply(7, kA, Matrix{{1, 2}}));
  EXPECT_EQ(last_answer().header.kind, wire::MessageKind::refused);
  EXPECT_EQ(last_answer().header.call_id, 7U);
  EXPECT_THAT(last_answer().payload, HasSubstr("1 × 2"));

  std::string broken = wire::encode_multiply(8, kA, kB);
  broken[wire::kMessageHeaderBytes] = 'X';  // the magic of the first frame
  host_->push(broken);
  EXPECT_EQ(last_answer().header.kind, wire::MessageKind::failed) << "another may get it whole";
  EXPECT_EQ(last_answer().header.call_id, 8U);
  EXPECT_EQ(status().refused, 2U);
  EXPECT_EQ(status().completed, 0U);
  EXPECT_TRUE(host_->has_socket());
  EXPECT_EQ(status().state, WorkerState::asking);
}

TEST_F(PushedTaskSourceTest, ClosesWhenSomethingElseThanATaskComes) {
  const std::string task = wire::encode_multiply(7, kA, kB);
  const std::vector<std::pair<std::string, std::string>> strays{
      {"", "a message of 0 bytes, expected at least 64"},
      {"<html>a captive portal, and a talkative one: at least 64 bytes of it", "magic"},
      {task.substr(0, 128), "64 bytes of payload"},
      {task + "x", "bytes of payload"},
      {wire::encode_product(7, kA, {}), "a message of kind product, expected multiply"},
  };
  for (const auto& [message, reason] : strays) {
    start("");
    host_->push(message);
    EXPECT_FALSE(host_->has_socket()) << reason;
    EXPECT_EQ(status().state, WorkerState::waiting);
    EXPECT_THAT(status().last_error, HasSubstr(reason));
    EXPECT_THAT(host_->messages, IsEmpty());
    let_pass(250);
    EXPECT_TRUE(host_->has_socket());
  }
}

TEST_F(PushedTaskSourceTest, BacksOffFromACoordinatorThatKeepsSendingNonsense) {
  for (const int pause : {250, 500, 1000}) {
    host_->push("nonsense");
    let_pass(pause);
    host_->accept();
  }
  host_->push(wire::encode_multiply(7, kA, kB));
  host_->push("nonsense");
  let_pass(250);
}

TEST_F(PushedTaskSourceTest, ConnectsEverMoreSlowlyWhileTheCoordinatorIsAway) {
  host_->hang_up("closed with code 1006");
  EXPECT_THAT(status().message, HasSubstr("closed with code 1006; trying again in 250 ms"));
  for (const int pause : {250, 500, 1000, 2000, 4000, 5000, 5000}) {
    let_pass(pause);
    EXPECT_EQ(status().state, WorkerState::asking);
    host_->hang_up("it could not be opened");
    EXPECT_EQ(status().state, WorkerState::waiting);
  }
  EXPECT_EQ(status().errors, 8U);
}

TEST_F(PushedTaskSourceTest, StartsBackingOffAnewAfterAConnectionThatStood) {
  for (int i = 0; i < 3; ++i) {
    host_->advance(seconds(5));
    host_->hang_up("closed with code 1001");
    let_pass(250);
    host_->accept();
  }
}

TEST_F(PushedTaskSourceTest, DropsATaskWhoseConnectionEndedMeanwhile) {
  start("&serviceTime=1000");
  host_->push(wire::encode_multiply(7, kA, kB));
  host_->hang_up("closed with code 1006");
  EXPECT_THAT(host_->targets, SizeIs(1)) << "one task at a time, also across connections";
  host_->advance(seconds(1));
  EXPECT_THAT(host_->messages, IsEmpty());
  EXPECT_EQ(status().completed, 0U);
  EXPECT_THAT(status().last_error, HasSubstr("task 7 is dropped"));
  let_pass(250);
  host_->accept();
  host_->push(wire::encode_multiply(1, kA, kB));
  host_->advance(seconds(1));
  EXPECT_EQ(last_answer().header.call_id, 1U);
}

TEST_F(PushedTaskSourceTest, TakesNoSecondTaskBeforeTheFirstIsAnswered) {
  start("&serviceTime=1000");
  host_->push(wire::encode_multiply(7, kA, kB));
  host_->push(wire::encode_multiply(8, kA, kB));
  EXPECT_FALSE(host_->has_socket());
  host_->advance(seconds(1));
  EXPECT_THAT(host_->messages, IsEmpty());
  EXPECT_THAT(status().last_error, HasSubstr("before the last task was answered"));
  let_pass(250);
  EXPECT_TRUE(host_->has_socket());
}

}  // namespace
}  // namespace enxame::worker
