// What any store has to do with a task, whatever it keeps tasks in, as a broker sees it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "coordinator/broker/test/test_broker.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class TaskStoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  static constexpr milliseconds kLease{60'000};

  TaskStoreContract() : TaskStoreContract(StoreOptions{}) {}
  explicit TaskStoreContract(StoreOptions options)
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

  ManualClock clock_;
  TestBroker store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, TaskStoreContract, testing::ValuesIn(store_kinds()),
                         testing::PrintToStringParamName());

TEST_P(TaskStoreContract, HandsTasksOutInTheOrderOfTheirSubmission) {
  for (TaskId id = 1; id <= 3; ++id) EXPECT_EQ(store_.submit(operands()), id);
  for (TaskId id = 1; id <= 3; ++id) EXPECT_EQ(claim()->id, id);
  EXPECT_FALSE(claim());
}

TEST_P(TaskStoreContract, KnowsATaskInEachOfItsStates) {
  const TaskId id = store_.submit(operands());
  EXPECT_EQ(now(id).state, TaskState::pending);
  clock_.advance(milliseconds(3));
  claim();
  EXPECT_EQ(now(id).state, TaskState::processing);
  clock_.advance(milliseconds(5));
  store_.complete(id, "w1", text_product("[[7]]"));
  const TaskView done = now(id);
  EXPECT_EQ(done.state, TaskState::completed);
  EXPECT_EQ(done.result->wire, "[[7]]");
  EXPECT_EQ(done.worker, "w1");
  EXPECT_EQ(done.phases.queue, milliseconds(3));
  EXPECT_EQ(done.phases.dispatch + done.phases.return_trip, milliseconds(5));
  EXPECT_EQ(done.finished_at - done.accepted_at, milliseconds(8));
}

/// Who comes to the store later may have read the clock earlier.
TEST_P(TaskStoreContract, ATaskIsNotClaimedBeforeItWasAccepted) {
  MemoryPayloadStore payloads;
  const auto store = GetParam().make({}, payloads);
  const auto at = [](int ms) { return Instant{ClockId{1}, milliseconds(ms)}; };
  const TaskId id = store->submit({.operands = payloads.keep(operands())}, at(10)).id;
  Asker asker("w1");
  EXPECT_EQ(store->claim(asker, at(9))->claimed_at.reading, milliseconds(10));
  EXPECT_EQ(store->find(id).claimed_at - store->find(id).accepted_at, milliseconds(0));
}

TEST_P(TaskStoreContract, CountsTasks) {
  for (int i = 0; i < 4; ++i) store_.submit(operands());
  claim();
  store_.complete(claim()->id, "w1", text_product());
  store_.fail(claim()->id, "w1", "why");
  const StoreStats stats = store_.stats();
  EXPECT_EQ(stats.total, 4u);
  EXPECT_EQ(stats.completed, 1u);
  EXPECT_EQ(stats.active, 1u);
  EXPECT_EQ(stats.queued, 1u);
}

TEST_P(TaskStoreContract, RefusesUnknownTasks) {
  EXPECT_THROW(now(1), UnknownTask);
  EXPECT_THROW(store_.complete(1, "", text_product()), UnknownTask);
  EXPECT_THROW(store_.fail(1, "", "why"), UnknownTask);
  EXPECT_THROW(store_.held(1, Holder::unnamed()), UnknownTask);
  EXPECT_THROW(store_.nack(1, "", "why"), UnknownTask);
}

TEST_P(TaskStoreContract, TakesProductsOnlyFromTheHolder) {
  const TaskId id = store_.submit(operands());
  EXPECT_THROW(store_.complete(id, "w1", text_product()), NotHeld);
  claim("w1");
  EXPECT_THROW(store_.complete(id, "w2", text_product()), NotHeld);
  EXPECT_THROW(store_.fail(id, "w2", "why"), NotHeld);
  EXPECT_THROW(store_.nack(id, "w2", "why"), NotHeld);
  EXPECT_THROW(store_.held(id, Holder::named("w2")), NotHeld);
  EXPECT_EQ(store_.held(id, Holder::unnamed())->worker, "w1");
  EXPECT_EQ(store_.complete(id, "", text_product()).worker, "w1");
}

TEST_P(TaskStoreContract, TakesNoAnswerThatNamesLessThanTheClaimDid) {
  const auto refuses = [&](const Claim& claim, const Holder& holder) {
    EXPECT_THROW(store_.complete(claim.id, holder, text_product()), NotHeld);
    EXPECT_THROW(store_.fail(claim.id, holder, "why"), NotHeld);
    EXPECT_THROW(store_.nack(claim.id, holder, "why"), NotHeld);
    EXPECT_THROW(store_.held(claim.id, holder), NotHeld);
  };
  store_.submit(operands());
  const Claim fenced = *store_.claim({"w1", Fence::lease}, kNow, still_there);
  refuses(fenced, Holder::unnamed());
  refuses(fenced, Holder::named("w1"));
  refuses(fenced, Holder::of(Claim{fenced.id, fenced.lease + 1, {}, {}}));
  store_.complete(fenced.id, Holder::of(fenced));
}

TEST_P(TaskStoreContract, BeginsWithTheNumberThatItIsGiven) {
  const auto starting_at = [](TaskId id) { TestBroker(GetParam(), {.first_id = id}); };
  TestBroker store(GetParam(), {.first_id = kEndOfTaskIds - Split::kMaxTiles - 2});
  EXPECT_EQ(store.submit(operands()), kEndOfTaskIds - Split::kMaxTiles - 2);
  EXPECT_EQ(store.submit(operands()), kEndOfTaskIds - Split::kMaxTiles - 1);
  EXPECT_THROW(store.submit(operands()), StoreFull) << "beyond it JavaScript tells no ids apart";
  EXPECT_THROW(starting_at(0), std::invalid_argument);
  EXPECT_THROW(starting_at(kEndOfTaskIds), std::invalid_argument);
}

TEST_P(TaskStoreContract, ANamelessHolderTakesTheNameOfWhoReturns) {
  store_.submit(operands());
  EXPECT_EQ(store_.complete(claim("")->id, "w9", text_product()).worker, "w9");
}

TEST_P(TaskStoreContract, KeepsTheFirstProduct) {
  const TaskId id = store_.submit(operands());
  claim();
  store_.complete(id, "w1", text_product("[[1]]"));
  EXPECT_EQ(store_.complete(id, "w2", text_product("[[2]]")).result->wire, "[[1]]");
  EXPECT_EQ(store_.fail(id, "w1", "why").state, TaskState::completed);
  EXPECT_FALSE(store_.held(id, Holder::named("w1")));
  EXPECT_EQ(store_.stats().completed, 1u);
}

TEST_P(TaskStoreContract, KeepsWhatAWorkerSaysInFewWords) {
  for (const bool fails : {true, false}) {
    const TaskId id = store_.submit(operands());
    const std::string long_winded(100'000, 'x');
    while (claim()) {
      fails ? store_.fail(id, "w1", long_winded) : store_.nack(id, "w1", long_winded);
    }
    EXPECT_EQ(now(id).state, TaskState::failed);
    EXPECT_LT(now(id).error.size(), 2'000u);
  }
}

TEST_P(TaskStoreContract, AFailedTaskStaysFailed) {
  const TaskId id = store_.submit(operands());
  claim();
  store_.fail(id, "w1", "no memory");
  EXPECT_EQ(now(id).state, TaskState::failed);
  EXPECT_EQ(now(id).error, "no memory");
  EXPECT_THROW(store_.complete(id, "w1", text_product()), NotHeld);
}

TEST_P(TaskStoreContract, ATaskWhoseLeaseRanOutGoesToTheHeadOfTheQueue) {
  const TaskId first = store_.submit(operands());
  const TaskId second = store_.submit(operands());
  claim("w1");
  clock_.advance(kLease - milliseconds(1));
  store_.expire_leases();
  EXPECT_EQ(now(first).state, TaskState::processing);
  let_lease_run_out();
  EXPECT_EQ(now(first).state, TaskState::pending);
  EXPECT_THROW(store_.complete(first, "w1", text_product()), NotHeld);
  EXPECT_EQ(claim("w2")->id, first);
  EXPECT_THROW(store_.complete(first, "w1", text_product()), NotHeld);
  EXPECT_EQ(claim("w2")->id, second);
}

TEST_P(TaskStoreContract, FailsATaskThatWasHandedOutTooOften) {
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

TEST_P(TaskStoreContract, ARejectedProductCostsAnAttempt) {
  const TaskId id = store_.submit(operands());
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_TRUE(claim());
    store_.nack(id, "w1", "wrong shape");
  }
  EXPECT_THAT(now(id).error, HasSubstr("the last: wrong shape"));
}

TEST_P(TaskStoreContract, AClaimGivenBackCostsNoAttempt) {
  const TaskId first = store_.submit(operands());
  store_.submit(operands());
  for (int i = 0; i < 10; ++i) {
    const auto given = claim();
    ASSERT_EQ(given->id, first);
    store_.requeue(*given);
  }
  EXPECT_EQ(store_.stats().active, 0u);
}

TEST_P(TaskStoreContract, AClaimGivenBackForEverCostsAttemptsInTheEnd) {
  const TaskId id = store_.submit(operands());
  int given = 0;
  while (const auto claimed = claim()) {
    ASSERT_LT(++given, 1'000);
    store_.requeue(*claimed);
  }
  EXPECT_EQ(given, Limits{}.free_returns + Limits{}.attempts);
  EXPECT_EQ(now(id).state, TaskState::failed);
  EXPECT_THAT(now(id).error, HasSubstr("did not reach its worker"));
}

TEST_P(TaskStoreContract, TasksThatComeBackTogetherKeepTheirOrder) {
  for (int i = 0; i < 5; ++i) store_.submit(operands());
  std::vector<Claim> claims;
  for (int i = 0; i < 4; ++i) claims.push_back(*claim("w" + std::to_string(i)));
  store_.abandon(claims[2], "gone");
  let_lease_run_out();
  for (TaskId id = 1; id <= 5; ++id) EXPECT_EQ(claim()->id, id);
}

TEST_P(TaskStoreContract, GivingBackAnOldClaimDoesNothing) {
  store_.submit(operands());
  const Claim old = *claim("w1");
  let_lease_run_out();
  const Claim current = *claim("w2");
  store_.requeue(old);
  EXPECT_EQ(now(current.id).state, TaskState::processing);
  store_.complete(current.id, "w2", text_product());
  store_.requeue(current);
  EXPECT_EQ(now(current.id).state, TaskState::completed);
}

TEST_P(TaskStoreContract, ALostClaimCostsAnAttempt) {
  const TaskId id = store_.submit(operands());
  const Claim old = *claim("w1");
  store_.abandon(old, "w1 died");
  EXPECT_EQ(now(id).state, TaskState::pending);
  store_.abandon(old, "w1 died again");
  const Claim current = *claim("w1");
  EXPECT_EQ(current.id, id);
  store_.abandon(old, "w1 died long ago");
  EXPECT_EQ(now(id).state, TaskState::processing);
  store_.complete(id, "w1", text_product());
  store_.abandon(current, "w1 died at last");
  EXPECT_EQ(now(id).state, TaskState::completed);
  EXPECT_EQ(store_.seen().times(TaskEvent::abandoned), 1u);
}

}  // namespace
}  // namespace enxame::coordinator
