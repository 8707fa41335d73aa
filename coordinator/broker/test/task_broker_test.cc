// Who waits for what, and the time that things take, over any store.

#include "coordinator/broker/task_broker.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "coordinator/broker/test/test_broker.h"
#include "coordinator/store/test/unsteady_store.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;

class TaskBrokerTest : public testing::TestWithParam<StoreKind> {
 protected:
  static constexpr milliseconds kLease{60'000};

  TaskBrokerTest() : TaskBrokerTest(StoreOptions{}) {}
  explicit TaskBrokerTest(StoreOptions options)
      : store_(GetParam(), with_lease(options),
               {.presence_check = milliseconds(10), .now = [this] { return clock_.now(); }}) {}

  static StoreOptions with_lease(StoreOptions options) {
    options.lease = options.hold = kLease;
    return options;
  }

  Claimed claim(const std::string& worker = "w1") {
    return store_.claim(worker, kNow, still_there);
  }
  TaskView now(TaskId id) { return store_.look(id); }
  void let_lease_run_out() {
    clock_.advance(kLease);
    store_.expire_leases();
  }
  void await_claimants(std::size_t count) {
    eventually([&] { return store_.claimants() == count; });
  }

  ManualClock clock_;
  TestBroker store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, TaskBrokerTest, testing::ValuesIn(store_kinds()),
                         testing::PrintToStringParamName());

TEST_P(TaskBrokerTest, TellsTheWaysApartWhateverTheWorkersClocksShow) {
  const auto clock_of = [&](const std::string& worker) {
    return clock_.now().time_since_epoch() + std::chrono::hours(worker == "w1" ? 7 : 900);
  };
  const auto lasts = [&](int ms) { clock_.advance(milliseconds(ms)); };
  for (const int way : {0, 2}) {  // the first time it is none, which tells the clocks' offset
    for (const std::string worker : {"w1", "w2"}) {
      const TaskId id = store_.submit(operands());
      lasts(1);
      claim(worker);
      lasts(way);
      WorkerPhases phases{.compute = milliseconds(3), .received_at = clock_of(worker)};
      lasts(4);
      phases.sent_at = clock_of(worker);
      lasts(2 * way);
      store_.complete(id, worker, text_product(), phases);
      const Phases told = now(id).phases;
      EXPECT_EQ(told.queue, milliseconds(2)) << "one before it was claimed, one at the worker";
      EXPECT_EQ(told.dispatch, milliseconds(way));
      EXPECT_EQ(told.worker.compute, milliseconds(3));
      EXPECT_EQ(told.return_trip, milliseconds(2 * way));
      EXPECT_EQ(told.clock_error, milliseconds(0));
      EXPECT_EQ(told.total(), now(id).finished_at - now(id).accepted_at);
    }
  }
}

TEST_P(TaskBrokerTest, ConfusesNoClocksOfNamelessWorkers) {
  for (const int ms : {1, 2}) {
    const Duration ahead = std::chrono::hours(7) + milliseconds(ms);
    const TaskId id = store_.submit(operands());
    claim("");
    clock_.advance(milliseconds(2));
    WorkerPhases phases;
    phases.received_at = phases.sent_at = clock_.now().time_since_epoch() + ahead;
    clock_.advance(milliseconds(2));
    store_.complete(id, "", text_product(), phases);
    EXPECT_EQ(now(id).phases.clock_error, milliseconds(2)) << "from this exchange alone";
  }
}

TEST_P(TaskBrokerTest, AnAnswerForANamelessClaimLeavesTheWorkersOtherTaskWithIt) {
  for (int i = 0; i < 2; ++i) store_.submit(operands());
  claim("w9");
  store_.complete(claim("")->id, "w9", text_product());
  clock_.advance(2 * WorkerRegistry::kAskingGrace);
  EXPECT_EQ(store_.workers().at(0).state, WorkerState::working);
}

TEST_P(TaskBrokerTest, AWorkerHoldsNothingOnceItsTaskIsOver) {
  for (int i = 0; i < 3; ++i) store_.submit(operands());
  store_.complete(claim()->id, "w1");
  store_.fail(claim()->id, "w1", "why");
  store_.requeue(*claim());
  clock_.advance(2 * WorkerRegistry::kAskingGrace);
  EXPECT_EQ(store_.workers().at(0).state, WorkerState::silent);
  EXPECT_EQ(store_.workers().at(0).completed, 1u);
}

TEST_P(TaskBrokerTest, TasksThatComeBackTogetherGoInOrderToThoseWhoWait) {
  for (int i = 0; i < 3; ++i) store_.submit(operands());
  for (int i = 0; i < 3; ++i) claim("gone");
  std::vector<std::future<Claimed>> waiting;
  for (std::size_t i = 0; i < 3; ++i) {
    waiting.push_back(
        std::async(std::launch::async, [&] { return store_.claim("w", kLong, still_there); }));
    await_claimants(i + 1);
  }
  let_lease_run_out();
  for (TaskId id = 1; id <= 3; ++id) EXPECT_EQ(waiting[id - 1].get()->id, id);
}

TEST_P(TaskBrokerTest, ServesWhoHasWaitedLongest) {
  std::vector<std::future<Claimed>> claims;
  for (const std::string worker : {"w1", "w2", "w3"}) {
    claims.push_back(std::async(std::launch::async,
                                [&, worker] { return store_.claim(worker, kLong, still_there); }));
    await_claimants(claims.size());
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const TaskId id = store_.submit(operands());
    EXPECT_EQ(claims[i].get()->id, id);
  }
}

TEST_P(TaskBrokerTest, ATaskThatComesBackGoesToWhoWaits) {
  const TaskId id = store_.submit(operands());
  const Claim lost = *claim("w1");
  auto waiting =
      std::async(std::launch::async, [&] { return store_.claim("w2", kLong, still_there); });
  await_claimants(1);
  store_.requeue(lost);
  EXPECT_EQ(waiting.get()->id, id);
}

TEST_P(TaskBrokerTest, AClaimTellsWhyThereIsNoTask) {
  const auto outcome = [&](milliseconds patience, const StillThere& is_there = still_there) {
    return store_.claim("w1", patience, is_there).outcome;
  };
  EXPECT_EQ(outcome(kNow), WaitOutcome::none);
  EXPECT_EQ(outcome(milliseconds(20)), WaitOutcome::none);
  EXPECT_EQ(outcome(kLong, [] { return false; }), WaitOutcome::gone);
  store_.submit(operands());
  EXPECT_EQ(outcome(kNow), WaitOutcome::task) << "none of those who gave up is served";
  store_.close();
  EXPECT_EQ(outcome(kNow), WaitOutcome::closed);
  EXPECT_EQ(outcome(kLong), WaitOutcome::closed);
  store_.submit(operands());
  EXPECT_EQ(outcome(kNow), WaitOutcome::task) << "nothing is lost";
}

TEST_P(TaskBrokerTest, AResultTellsWhyItsWaitIsOver) {
  const TaskId id = store_.submit(operands());
  const auto outcome = [&](milliseconds patience, const StillThere& is_there = still_there) {
    return store_.await(id, patience, is_there).outcome;
  };
  EXPECT_EQ(outcome(kNow), WaitOutcome::none);
  EXPECT_EQ(outcome(milliseconds(20)), WaitOutcome::none);
  EXPECT_EQ(outcome(kLong, [] { return false; }), WaitOutcome::gone);
  store_.close();
  EXPECT_EQ(outcome(kLong), WaitOutcome::closed);
  claim();
  store_.complete(id, "w1");
  EXPECT_EQ(outcome(kNow), WaitOutcome::task);
  EXPECT_EQ(outcome(kLong), WaitOutcome::task);
}

TEST_P(TaskBrokerTest, AWaitForWorkersEndsWhenWhoWaitsHasGone) {
  EXPECT_TRUE(store_.workers(1, kLong, [] { return false; }).empty());
}

TEST_P(TaskBrokerTest, AResultWakesEverybodyWhoWaitsForItAndNobodyElse) {
  const TaskId id = store_.submit(operands());
  const TaskId other = store_.submit(operands());
  std::array<std::atomic<bool>, 5> waits{};
  const auto wait_for = [&](TaskId task, std::size_t i) {
    return std::async(std::launch::async, [&, task, i] {
      return store_.result(task, kLong, [&, i] { return waits[i] = true; });
    });
  };
  std::vector<std::future<TaskView>> waiting;
  for (std::size_t i = 0; i < 4; ++i) waiting.push_back(wait_for(id, i));
  auto other_waits = wait_for(other, 4);
  for (const auto& each : waits) eventually([&] { return each.load(); });
  claim();
  store_.complete(id, "w1", text_product("[[5]]"));
  for (auto& each : waiting) EXPECT_EQ(each.get().result->wire, "[[5]]");
  EXPECT_EQ(other_waits.wait_for(milliseconds(0)), std::future_status::timeout);
  store_.close();
  EXPECT_EQ(other_waits.get().state, TaskState::pending);
}

TEST_P(TaskBrokerTest, ClosingWakesEverybodyAndLosesNothing) {
  const TaskId id = store_.submit(operands());
  claim("w1");
  std::array<std::atomic<bool>, 3> waits{};
  auto claims = std::async(std::launch::async, [&] {
    return store_.claim("w2", kLong, [&] { return waits[0] = true; });
  });
  auto results = std::async(
      std::launch::async, [&] { return store_.await(id, kLong, [&] { return waits[1] = true; }); });
  auto workers = std::async(std::launch::async, [&] {
    return store_.workers(100, kLong, [&] { return waits[2] = true; });
  });
  for (const auto& each : waits) eventually([&] { return each.load(); });
  store_.close();
  EXPECT_EQ(claims.get().outcome, WaitOutcome::closed);
  const Awaited result = results.get();
  EXPECT_EQ(result.outcome, WaitOutcome::closed);
  EXPECT_EQ(result.task.state, TaskState::processing);
  EXPECT_EQ(workers.get().size(), 2u);
  store_.complete(id, "w1");
  EXPECT_EQ(store_.result(id, kLong).state, TaskState::completed);
}

TEST_P(TaskBrokerTest, WakesOnlyThoseForWhomEnoughWorkersAreThere) {
  std::atomic<int> asked = 0;
  std::vector<std::future<std::size_t>> waiting;
  for (const std::size_t count : {1, 2, 3}) {
    waiting.push_back(std::async(std::launch::async, [&, count] {
      return store_.workers(count, kLong, [&] { return ++asked, true; }).size();
    }));
  }
  eventually([&] { return asked > 3; });  // all wait
  claim("w1");
  EXPECT_EQ(waiting[0].get(), 1u);
  claim("w2");
  EXPECT_EQ(waiting[1].get(), 2u);
  EXPECT_EQ(waiting[2].wait_for(milliseconds(0)), std::future_status::timeout);
  claim("w3");
  EXPECT_EQ(waiting[2].get(), 3u);
}

TEST_P(TaskBrokerTest, TellsWhenEnoughWorkersAreThere) {
  auto workers = std::async(std::launch::async, [&] { return store_.workers(2, kLong); });
  claim("w1");
  EXPECT_EQ(workers.wait_for(milliseconds(20)), std::future_status::timeout);
  claim("w2");
  EXPECT_EQ(workers.get().size(), 2u);
  EXPECT_EQ(store_.workers(3, milliseconds(20)).size(), 2u);
}

TEST_P(TaskBrokerTest, LeasesRunOutByThemselves) {
  TestBroker broker(
      GetParam(), {.lease = milliseconds(30), .hold = milliseconds(30), .limits = {.attempts = 2}});
  const TaskId id = broker.submit(operands());
  EXPECT_TRUE(broker.claim("w1", kNow, still_there));
  EXPECT_EQ(broker.claim("w2", kLong, still_there)->id, id);
  EXPECT_EQ(broker.result(id, kLong).state, TaskState::failed);
}

/// A lease that begins while the thread waits for a longer one's end.
TEST_P(TaskBrokerTest, AShortLeaseDoesNotWaitForALongOne) {
  TestBroker broker(GetParam(), {.lease = milliseconds(100), .hold = milliseconds(60'000)});
  broker.submit(operands());
  EXPECT_TRUE(broker.claim("w1", kNow, still_there));
  EXPECT_FALSE(broker.claim("w2", milliseconds(200), still_there)) << "the thread waits by now";
  const TaskId second = broker.submit(operands());
  EXPECT_EQ(broker.claim({"w2", Fence::lease}, kNow, still_there)->id, second);
  EXPECT_EQ(broker.claim("w3", milliseconds(10'000), still_there)->id, second);
}

TEST(TaskBrokerOverAnUnsteadyStore, TellsThatItIsUnavailableAlsoThoseWhoWait) {
  MemoryPayloadStore payloads;
  UnsteadyStore store({}, payloads);
  TaskBroker broker(store, payloads, {});
  auto waiting =
      std::async(std::launch::async, [&] { return broker.claim("w1", kLong, still_there); });
  eventually([&] { return broker.claimants() == 1; });
  store.is_gone = true;
  const TaskId id = broker.submit(operands());
  EXPECT_EQ(waiting.get().outcome, WaitOutcome::unavailable);
  EXPECT_EQ(broker.claim("w1", kLong, still_there).outcome, WaitOutcome::unavailable);
  EXPECT_EQ(broker.result(id, kNow, still_there).outcome, WaitOutcome::unavailable);
  EXPECT_EQ(broker.result(id, kLong, still_there).outcome, WaitOutcome::unavailable);
  store.is_gone = false;
  EXPECT_EQ(broker.claim("w1", kLong, still_there)->id, id);
}

TEST_P(TaskBrokerTest, AWorkerThatIsDrainedGetsNoMoreTasks) {
  EXPECT_THROW(store_.drain("w1"), UnknownWorker);
  store_.submit(operands());
  const auto held = claim("w1");
  store_.submit(operands());
  store_.drain("w1");
  EXPECT_FALSE(claim("w1"));
  store_.complete(held->id, "w1", text_product());
  EXPECT_EQ(now(held->id).state, TaskState::completed) << "it finishes what it has";
  EXPECT_TRUE(claim("w2"));
  EXPECT_THROW(store_.readmit("w3"), UnknownWorker);
}

TEST_P(TaskBrokerTest, ADrainedWorkerThatWaitsIsPassedOverUntilItIsReadmitted) {
  claim("w1");
  store_.drain("w1");
  auto first =
      std::async(std::launch::async, [&] { return store_.claim("w1", kLong, still_there); });
  await_claimants(1);
  store_.submit(operands());
  EXPECT_TRUE(claim("w2")) << "though the other has waited for longer";
  store_.submit(operands());
  EXPECT_EQ(store_.claimants(), 1u);
  store_.readmit("w1");
  EXPECT_TRUE(first.get());
}

TEST_P(TaskBrokerTest, AWorkerInQuarantineIsTold) {
  claim("w1");
  store_.quarantine("w1", "its product was wrong");
  store_.submit(operands());
  EXPECT_THROW(claim("w1"), Quarantined);
  EXPECT_TRUE(claim("w2"));
  store_.quarantine("", "nobody");
  EXPECT_FALSE(claim(""));
}

TEST_P(TaskBrokerTest, ClientsTakeTurns) {
  const auto submit = [&](const std::string& client) {
    return store_.submit(operands(), {}, {}, client);
  };
  std::vector<TaskId> greedy;
  for (int i = 0; i < 5; ++i) greedy.push_back(submit("greedy"));
  const TaskId modest = submit("modest");
  const TaskId nameless = submit("");
  std::vector<TaskId> order;
  while (const auto next = claim()) order.push_back(next->id);
  EXPECT_EQ(order, (std::vector<TaskId>{greedy[0], modest, nameless, greedy[1], greedy[2],
                                        greedy[3], greedy[4]}));
}

}  // namespace
}  // namespace enxame::coordinator
