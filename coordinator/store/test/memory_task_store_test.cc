#include "coordinator/store/memory_task_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "coordinator/store/test/store_fixture.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class MemoryTaskStoreTest : public testing::Test {
 protected:
  static constexpr milliseconds kLease{60'000};

  MemoryTaskStoreTest() : MemoryTaskStoreTest(StoreOptions{}) {}
  explicit MemoryTaskStoreTest(StoreOptions options) : store_(with_clock(std::move(options))) {}

  StoreOptions with_clock(StoreOptions options) {
    options.now = [this] { return clock_.now(); };
    options.lease = kLease;
    options.presence_check = milliseconds(10);
    return options;
  }

  std::optional<Claim> claim(const std::string& worker = "w1") {
    return store_.claim(worker, kNow, still_there);
  }
  TaskView now(TaskId id) { return store_.result(id, kNow); }
  void let_lease_run_out() {
    clock_.advance(kLease);
    store_.expire_leases();
  }
  void await_claimants(std::size_t count) {
    eventually([&] { return store_.stats().claimants == count; });
  }

  ManualClock clock_;
  MemoryTaskStore store_;
};

TEST_F(MemoryTaskStoreTest, HandsTasksOutInTheOrderOfTheirSubmission) {
  for (TaskId id = 1; id <= 3; ++id) EXPECT_EQ(store_.submit(operands()), id);
  for (TaskId id = 1; id <= 3; ++id) EXPECT_EQ(claim()->id, id);
  EXPECT_FALSE(claim());
}

TEST_F(MemoryTaskStoreTest, KnowsATaskInEachOfItsStates) {
  const TaskId id = store_.submit(operands());
  EXPECT_EQ(now(id).state, TaskState::pending);
  clock_.advance(milliseconds(3));
  claim();
  EXPECT_EQ(now(id).state, TaskState::processing);
  clock_.advance(milliseconds(5));
  store_.complete(id, "w1", completion("[[7]]"));
  const TaskView done = now(id);
  EXPECT_EQ(done.state, TaskState::completed);
  EXPECT_EQ(done.result->wire, "[[7]]");
  EXPECT_EQ(done.worker, "w1");
  EXPECT_EQ(done.phases.queue, milliseconds(3));
  EXPECT_EQ(done.phases.dispatch + done.phases.return_trip, milliseconds(5));
  EXPECT_EQ(done.finished_at - done.accepted_at, milliseconds(8));
}

TEST_F(MemoryTaskStoreTest, TellsTheWaysApartWhateverTheWorkersClocksShow) {
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
      store_.complete(id, worker, {completion().result, phases});
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

TEST_F(MemoryTaskStoreTest, ConfusesNoClocksOfNamelessWorkers) {
  for (const int ms : {1, 2}) {
    const Duration ahead = std::chrono::hours(7) + milliseconds(ms);
    const TaskId id = store_.submit(operands());
    claim("");
    clock_.advance(milliseconds(2));
    WorkerPhases phases;
    phases.received_at = phases.sent_at = clock_.now().time_since_epoch() + ahead;
    clock_.advance(milliseconds(2));
    store_.complete(id, "", {completion().result, phases});
    EXPECT_EQ(now(id).phases.clock_error, milliseconds(2)) << "from this exchange alone";
  }
}

TEST_F(MemoryTaskStoreTest, CountsTasks) {
  for (int i = 0; i < 4; ++i) store_.submit(operands());
  claim();
  store_.complete(claim()->id, "w1", completion());
  store_.fail(claim()->id, "w1", "why");
  const StoreStats stats = store_.stats();
  EXPECT_EQ(stats.total, 4u);
  EXPECT_EQ(stats.completed, 1u);
  EXPECT_EQ(stats.active, 1u);
  EXPECT_EQ(stats.queued, 1u);
}

TEST_F(MemoryTaskStoreTest, RefusesUnknownTasks) {
  EXPECT_THROW(now(1), UnknownTask);
  EXPECT_THROW(store_.complete(1, "", completion()), UnknownTask);
  EXPECT_THROW(store_.fail(1, "", "why"), UnknownTask);
  EXPECT_THROW(store_.held_operands(1, ""), UnknownTask);
  EXPECT_THROW(store_.reject(1, "", "why"), UnknownTask);
}

TEST_F(MemoryTaskStoreTest, TakesProductsOnlyFromTheHolder) {
  const TaskId id = store_.submit(operands());
  EXPECT_THROW(store_.complete(id, "w1", completion()), NotHeld);
  claim("w1");
  EXPECT_THROW(store_.complete(id, "w2", completion()), NotHeld);
  EXPECT_THROW(store_.fail(id, "w2", "why"), NotHeld);
  EXPECT_THROW(store_.reject(id, "w2", "why"), NotHeld);
  EXPECT_THROW(store_.held_operands(id, "w2"), NotHeld);
  EXPECT_NE(store_.held_operands(id, ""), nullptr);
  EXPECT_EQ(store_.complete(id, "", completion()).worker, "w1");
}

TEST_F(MemoryTaskStoreTest, TakesNoAnswerThatNamesLessThanTheClaimDid) {
  const auto refuses = [&](const Claim& claim, const Holder& holder) {
    EXPECT_THROW(store_.complete(claim.id, holder, completion()), NotHeld);
    EXPECT_THROW(store_.fail(claim.id, holder, "why"), NotHeld);
    EXPECT_THROW(store_.reject(claim.id, holder, "why"), NotHeld);
    EXPECT_THROW(store_.held_operands(claim.id, holder), NotHeld);
  };
  for (int i = 0; i < 3; ++i) store_.submit(operands());
  const Claim named = *store_.claim({"w1", Fence::worker}, kNow, still_there);
  refuses(named, "");
  store_.complete(named.id, "w1", completion());
  const Claim nameless = *store_.claim({"", Fence::worker}, kNow, still_there);
  store_.complete(nameless.id, "", completion());
  const Claim pushed = *store_.claim({"w1", Fence::lease}, kNow, still_there);
  refuses(pushed, "");
  refuses(pushed, "w1");
  refuses(pushed, {"w1", pushed.lease + 1});
  store_.complete(pushed.id, {"w1", pushed.lease}, completion());
}

TEST_F(MemoryTaskStoreTest, BeginsWithTheNumberThatItIsGiven) {
  MemoryTaskStore store(StoreOptions{.first_id = kEndOfTaskIds - Split::kMaxTiles - 2});
  EXPECT_EQ(store.submit(operands()), kEndOfTaskIds - Split::kMaxTiles - 2);
  EXPECT_EQ(store.submit(operands()), kEndOfTaskIds - Split::kMaxTiles - 1);
  EXPECT_THROW(store.submit(operands()), StoreFull) << "beyond it JavaScript tells no ids apart";
  EXPECT_THROW(MemoryTaskStore(StoreOptions{.first_id = 0}), std::invalid_argument);
  EXPECT_THROW(MemoryTaskStore(StoreOptions{.first_id = kEndOfTaskIds}), std::invalid_argument);
}

TEST_F(MemoryTaskStoreTest, ANamelessHolderTakesTheNameOfWhoReturns) {
  store_.submit(operands());
  EXPECT_EQ(store_.complete(claim("")->id, "w9", completion()).worker, "w9");
}

TEST_F(MemoryTaskStoreTest, AnAnswerForANamelessClaimLeavesTheWorkersOtherTaskWithIt) {
  for (int i = 0; i < 2; ++i) store_.submit(operands());
  claim("w9");
  store_.complete(claim("")->id, "w9", completion());
  clock_.advance(2 * WorkerRegistry::kAskingGrace);
  EXPECT_EQ(store_.workers().at(0).state, WorkerState::working);
}

TEST_F(MemoryTaskStoreTest, KeepsTheFirstProduct) {
  const TaskId id = store_.submit(operands());
  claim();
  store_.complete(id, "w1", completion("[[1]]"));
  EXPECT_EQ(store_.complete(id, "w2", completion("[[2]]")).result->wire, "[[1]]");
  EXPECT_EQ(store_.fail(id, "w1", "why").state, TaskState::completed);
  EXPECT_EQ(store_.held_operands(id, "w1"), nullptr);
  EXPECT_EQ(store_.stats().completed, 1u);
}

TEST_F(MemoryTaskStoreTest, KeepsWhatAWorkerSaysInFewWords) {
  for (const bool fails : {true, false}) {
    const TaskId id = store_.submit(operands());
    const std::string long_winded(100'000, 'x');
    while (claim()) {
      fails ? store_.fail(id, "w1", long_winded) : store_.reject(id, "w1", long_winded);
    }
    EXPECT_EQ(now(id).state, TaskState::failed);
    EXPECT_LT(now(id).error.size(), 2'000u);
  }
}

TEST_F(MemoryTaskStoreTest, AFailedTaskStaysFailed) {
  const TaskId id = store_.submit(operands());
  claim();
  store_.fail(id, "w1", "no memory");
  EXPECT_EQ(now(id).state, TaskState::failed);
  EXPECT_EQ(now(id).error, "no memory");
  EXPECT_THROW(store_.complete(id, "w1", completion()), NotHeld);
}

TEST_F(MemoryTaskStoreTest, ATaskWhoseLeaseRanOutGoesToTheHeadOfTheQueue) {
  const TaskId first = store_.submit(operands());
  const TaskId second = store_.submit(operands());
  claim("w1");
  clock_.advance(kLease - milliseconds(1));
  store_.expire_leases();
  EXPECT_EQ(now(first).state, TaskState::processing);
  let_lease_run_out();
  EXPECT_EQ(now(first).state, TaskState::pending);
  EXPECT_THROW(store_.complete(first, "w1", completion()), NotHeld);
  EXPECT_EQ(claim("w2")->id, first);
  EXPECT_THROW(store_.complete(first, "w1", completion()), NotHeld);
  EXPECT_EQ(claim("w2")->id, second);
}

TEST_F(MemoryTaskStoreTest, FailsATaskThatWasHandedOutTooOften) {
  const TaskId id = store_.submit(operands());
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_TRUE(claim()) << attempt;
    let_lease_run_out();
  }
  EXPECT_FALSE(claim());
  EXPECT_EQ(now(id).state, TaskState::failed);
  EXPECT_THAT(now(id).error, HasSubstr("after 3 attempts"));
  EXPECT_THAT(now(id).error, HasSubstr("\"w1\" ran out after 60000 ms"));
}

TEST_F(MemoryTaskStoreTest, ARejectedProductCostsAnAttempt) {
  const TaskId id = store_.submit(operands());
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_TRUE(claim());
    store_.reject(id, "w1", "wrong shape");
  }
  EXPECT_THAT(now(id).error, HasSubstr("the last: wrong shape"));
}

TEST_F(MemoryTaskStoreTest, AClaimGivenBackCostsNoAttempt) {
  const TaskId first = store_.submit(operands());
  store_.submit(operands());
  for (int i = 0; i < 10; ++i) {
    const auto given = claim();
    ASSERT_EQ(given->id, first);
    store_.give_back(*given);
  }
  EXPECT_EQ(store_.stats().active, 0u);
}

TEST_F(MemoryTaskStoreTest, AClaimGivenBackForEverCostsAttemptsInTheEnd) {
  const TaskId id = store_.submit(operands());
  int given = 0;
  while (const auto claimed = claim()) {
    ASSERT_LT(++given, 1'000);
    store_.give_back(*claimed);
  }
  EXPECT_EQ(given, StoreOptions{}.free_returns + StoreOptions{}.attempts);
  EXPECT_EQ(now(id).state, TaskState::failed);
  EXPECT_THAT(now(id).error, HasSubstr("did not reach its worker"));
}

TEST_F(MemoryTaskStoreTest, TasksThatComeBackTogetherKeepTheirOrder) {
  for (int i = 0; i < 5; ++i) store_.submit(operands());
  std::vector<Claim> claims;
  for (int i = 0; i < 4; ++i) claims.push_back(*claim("w" + std::to_string(i)));
  store_.lose(claims[2], "gone");
  let_lease_run_out();
  for (TaskId id = 1; id <= 5; ++id) EXPECT_EQ(claim()->id, id);
}

TEST_F(MemoryTaskStoreTest, TasksThatComeBackTogetherGoInOrderToThoseWhoWait) {
  for (int i = 0; i < 3; ++i) store_.submit(operands());
  for (int i = 0; i < 3; ++i) claim("gone");
  std::vector<std::future<std::optional<Claim>>> waiting;
  for (std::size_t i = 0; i < 3; ++i) {
    waiting.push_back(
        std::async(std::launch::async, [&] { return store_.claim("w", kLong, still_there); }));
    await_claimants(i + 1);
  }
  let_lease_run_out();
  for (TaskId id = 1; id <= 3; ++id) EXPECT_EQ(waiting[id - 1].get()->id, id);
}

TEST_F(MemoryTaskStoreTest, GivingBackAnOldClaimDoesNothing) {
  store_.submit(operands());
  const Claim old = *claim("w1");
  let_lease_run_out();
  const Claim current = *claim("w2");
  store_.give_back(old);
  EXPECT_EQ(now(current.id).state, TaskState::processing);
  store_.complete(current.id, "w2", completion());
  store_.give_back(current);
  EXPECT_EQ(now(current.id).state, TaskState::completed);
}

TEST_F(MemoryTaskStoreTest, ALostClaimCostsAnAttempt) {
  const TaskId id = store_.submit(operands());
  const Claim old = *claim("w1");
  store_.lose(old, "w1 died");
  EXPECT_EQ(now(id).state, TaskState::pending);
  store_.lose(old, "w1 died again");
  const Claim current = *claim("w1");
  EXPECT_EQ(current.id, id);
  store_.lose(old, "w1 died long ago");
  EXPECT_EQ(now(id).state, TaskState::processing);
  store_.complete(id, "w1", completion());
  store_.lose(current, "w1 died at last");
  EXPECT_EQ(now(id).state, TaskState::completed);
  EXPECT_EQ(store_.stats().lost, 1u);
}

TEST_F(MemoryTaskStoreTest, ServesWhoHasWaitedLongest) {
  std::vector<std::future<std::optional<Claim>>> claims;
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

TEST_F(MemoryTaskStoreTest, ATaskThatComesBackGoesToWhoWaits) {
  const TaskId id = store_.submit(operands());
  const Claim lost = *claim("w1");
  auto waiting =
      std::async(std::launch::async, [&] { return store_.claim("w2", kLong, still_there); });
  await_claimants(1);
  store_.give_back(lost);
  EXPECT_EQ(waiting.get()->id, id);
}

TEST_F(MemoryTaskStoreTest, AClaimEndsWhenItsTimeIsUpOrItsClaimantGone) {
  EXPECT_FALSE(store_.claim("w1", milliseconds(20), still_there));
  EXPECT_FALSE(store_.claim("w1", kLong, [] { return false; }));
  store_.submit(operands());
  EXPECT_TRUE(claim("w2"));
}

TEST_F(MemoryTaskStoreTest, EveryWaitEndsWhenWhoWaitsHasGone) {
  const TaskId id = store_.submit(operands());
  const auto gone = [] { return false; };
  EXPECT_EQ(store_.result(id, kLong, gone).state, TaskState::pending);
  EXPECT_TRUE(store_.workers(1, kLong, gone).empty());
  claim();
  EXPECT_FALSE(store_.claim("w2", kLong, gone));
}

TEST_F(MemoryTaskStoreTest, AResultWakesEverybodyWhoWaitsForIt) {
  const TaskId id = store_.submit(operands());
  const TaskId other = store_.submit(operands());
  std::atomic<int> begun = 0;
  std::vector<std::future<TaskView>> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(std::async(std::launch::async, [&, counted = false]() mutable {
      return store_.result(id, kLong, [&] {
        if (!std::exchange(counted, true)) ++begun;
        return true;
      });
    }));
  }
  eventually([&] { return begun == 4; });  // all wait
  EXPECT_EQ(store_.result(other, milliseconds(20)).state, TaskState::pending);
  claim();
  store_.complete(id, "w1", completion("[[5]]"));
  for (auto& each : waiting) EXPECT_EQ(each.get().result->wire, "[[5]]");
}

TEST_F(MemoryTaskStoreTest, ClosingWakesEverybodyAndLosesNothing) {
  const TaskId id = store_.submit(operands());
  claim("w1");
  auto claims =
      std::async(std::launch::async, [&] { return store_.claim("w2", kLong, still_there); });
  auto results = std::async(std::launch::async, [&] { return store_.result(id, kLong); });
  auto workers = std::async(std::launch::async, [&] { return store_.workers(100, kLong); });
  await_claimants(1);
  store_.close();
  EXPECT_FALSE(claims.get());
  EXPECT_EQ(results.get().state, TaskState::processing);
  EXPECT_EQ(workers.get().size(), 2u);
  EXPECT_FALSE(store_.claim("w2", kLong, still_there));
  store_.complete(id, "w1", completion());
  EXPECT_EQ(store_.result(id, kLong).state, TaskState::completed);
}

TEST_F(MemoryTaskStoreTest, WakesOnlyThoseForWhomEnoughWorkersAreThere) {
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

TEST_F(MemoryTaskStoreTest, TellsWhenEnoughWorkersAreThere) {
  auto workers = std::async(std::launch::async, [&] { return store_.workers(2, kLong); });
  claim("w1");
  EXPECT_EQ(workers.wait_for(milliseconds(20)), std::future_status::timeout);
  claim("w2");
  EXPECT_EQ(workers.get().size(), 2u);
  EXPECT_EQ(store_.workers(3, milliseconds(20)).size(), 2u);
}

TEST(MemoryTaskStoreLeases, RunOutByThemselves) {
  MemoryTaskStore store(StoreOptions{.lease = milliseconds(30), .attempts = 2});
  const TaskId id = store.submit(operands());
  EXPECT_TRUE(store.claim("w1", kNow, still_there));
  EXPECT_EQ(store.claim("w2", kLong, still_there)->id, id);
  EXPECT_EQ(store.result(id, kLong).state, TaskState::failed);
}

class FullStoreTest : public MemoryTaskStoreTest {
 protected:
  FullStoreTest() : MemoryTaskStoreTest(StoreOptions{.max_stored_bytes = 10'000}) {}

  TaskId finish_one(std::size_t product_bytes) {
    const TaskId id = store_.submit(operands());
    claim();
    store_.complete(id, "w1", completion(std::string(product_bytes, 'x')));
    return id;
  }
};

TEST_F(FullStoreTest, ForgetsTheOldestFinishedTasks) {
  const TaskId waiting = store_.submit(operands());
  const Claim held = *claim();
  const TaskId first = finish_one(3'000);
  const TaskId second = finish_one(3'000);
  const TaskId third = finish_one(3'000);
  EXPECT_THROW(now(first), UnknownTask);
  EXPECT_EQ(now(second).state, TaskState::completed);
  EXPECT_EQ(now(third).state, TaskState::completed);
  EXPECT_EQ(now(waiting).state, TaskState::processing);
  store_.submit(operands(4'000));
  EXPECT_THROW(now(second), UnknownTask);
}

TEST_F(FullStoreTest, KeepsTheTaskThatWasFinishedLast) {
  const TaskId large = finish_one(50'000);
  EXPECT_EQ(now(large).state, TaskState::completed);
  finish_one(1);
  EXPECT_THROW(now(large), UnknownTask);
}

TEST_F(FullStoreTest, CountsAProductThatIsStillBeingSent) {
  const TaskId id = finish_one(6'000);
  auto sending = now(id).result;
  finish_one(3'000);
  EXPECT_THROW(now(id), UnknownTask) << "it is forgotten, but there";
  EXPECT_GT(store_.stats().stored_bytes, 9'000u);
  EXPECT_THROW(store_.submit(operands(3'000)), StoreFull);
  sending.reset();
  EXPECT_LT(store_.stats().stored_bytes, 5'000u);
  EXPECT_NO_THROW(store_.submit(operands(3'000)));
}

TEST_F(FullStoreTest, TakesRoomForTheProductFromTheStart) {
  const auto outer = [](std::size_t n) {
    return std::make_shared<Operands>(Operands{Codec::json, "xx", {n, n}});
  };
  EXPECT_THROW(store_.submit(outer(40)), TaskTooLarge);
  EXPECT_EQ(store_.stats().stored_bytes, 0u);
  EXPECT_NO_THROW(store_.submit(outer(30)));
}

TEST_F(FullStoreTest, RefusesTasksWhenUnfinishedOnesTakeAllTheRoom) {
  const TaskId first = store_.submit(operands(5'000));
  EXPECT_THROW(store_.submit(operands(5'000)), StoreFull);
  claim();
  store_.complete(first, "w1", completion());
  EXPECT_NO_THROW(store_.submit(operands(5'000)));
}

TEST_F(FullStoreTest, AnswersWhoWaitsForATaskThatIsForgottenAtOnce) {
  const TaskId id = store_.submit(operands());
  claim();
  std::atomic<bool> waits = false;
  auto waiting = std::async(std::launch::async,
                            [&] { return store_.result(id, kLong, [&] { return waits = true; }); });
  eventually([&] { return waits.load(); });
  store_.complete(id, "w1", completion(std::string(9'000, 'x')));
  finish_one(9'000);
  EXPECT_THROW(now(id), UnknownTask);
  EXPECT_EQ(waiting.get().state, TaskState::completed);
}

}  // namespace
}  // namespace enxame::coordinator
