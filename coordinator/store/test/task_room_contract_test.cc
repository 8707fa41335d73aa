// What any store has to do about the room that tasks take.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

#include "coordinator/broker/test/test_broker.h"

namespace enxame::coordinator {
namespace {

class TaskRoomContract : public testing::TestWithParam<StoreKind> {
 protected:
  Claimed claim() { return store_.claim("w1", kNow, still_there); }
  TaskView now(TaskId id) { return store_.look(id); }
  TaskId finish_one(std::size_t product_bytes) {
    const TaskId id = store_.submit(operands());
    claim();
    store_.complete(id, "w1", text_product(std::string(product_bytes, 'x')));
    return id;
  }

  TestBroker store_{
      GetParam(), {.max_stored_bytes = 10'000}, {.presence_check = std::chrono::milliseconds(10)}};
};

INSTANTIATE_TEST_SUITE_P(Stores, TaskRoomContract, testing::ValuesIn(store_kinds()),
                         testing::PrintToStringParamName());

TEST_P(TaskRoomContract, ForgetsTheOldestFinishedTasks) {
  const TaskId waiting = store_.submit(operands());
  claim();
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

TEST_P(TaskRoomContract, KeepsTheTaskThatWasFinishedLast) {
  const TaskId large = finish_one(50'000);
  EXPECT_EQ(now(large).state, TaskState::completed);
  finish_one(1);
  EXPECT_THROW(now(large), UnknownTask);
}

TEST_P(TaskRoomContract, CountsAProductThatIsStillBeingSent) {
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

TEST_P(TaskRoomContract, TakesRoomForTheProductFromTheStart) {
  const auto outer = [](std::size_t n) {
    return std::make_shared<Operands>(Operands{Codec::json, "xx", {n, n}});
  };
  EXPECT_THROW(store_.submit(outer(40)), TaskTooLarge);
  EXPECT_EQ(store_.stats().stored_bytes, 0u);
  EXPECT_NO_THROW(store_.submit(outer(30)));
}

TEST_P(TaskRoomContract, CountsWhatHappenedToATaskThatIsNotFinished) {
  finish_one(9'000);
  const std::size_t alone = store_.stats().stored_bytes;
  for (const SplitKind kind : {SplitKind::none, SplitKind::rows}) {
    const TaskId id = store_.submit(
        std::make_shared<Operands>(parse_operands(Codec::json, R"({"A":"[[1],[2]]","B":"[[1]]"})")),
        {kind, 2});
    const std::size_t before = store_.stats().stored_bytes;
    store_.TaskBroker::nack(*claim(), std::string(200, 'x'));
    EXPECT_GT(store_.stats().stored_bytes, before + 200);
    store_.cancel(id);
    finish_one(9'000);
    EXPECT_EQ(store_.stats().stored_bytes, alone) << "when it is forgotten";
  }
}

TEST_P(TaskRoomContract, RefusesTasksWhenUnfinishedOnesTakeAllTheRoom) {
  const TaskId first = store_.submit(operands(5'000));
  EXPECT_THROW(store_.submit(operands(5'000)), StoreFull);
  claim();
  store_.complete(first, "w1", text_product());
  EXPECT_NO_THROW(store_.submit(operands(5'000)));
}

TEST_P(TaskRoomContract, AnswersWhoWaitsForATaskThatIsForgottenAtOnce) {
  const TaskId id = store_.submit(operands());
  claim();
  std::atomic<bool> waits = false;
  auto waiting = std::async(std::launch::async,
                            [&] { return store_.result(id, kLong, [&] { return waits = true; }); });
  eventually([&] { return waits.load(); });
  store_.complete(id, "w1", text_product(std::string(9'000, 'x')));
  finish_one(9'000);
  EXPECT_THROW(now(id), UnknownTask);
  EXPECT_EQ(waiting.get().state, TaskState::completed);
}

TEST_P(TaskRoomContract, RefusesTasksWhenTooManyWait) {
  TestBroker store(GetParam(), {.max_queued = 3});
  for (int i = 0; i < 2; ++i) store.submit(operands());
  const auto two = std::make_shared<const Operands>(
      parse_operands(Codec::json, R"({"A":"[[1],[2]]","B":"[[3]]"})"));
  EXPECT_THROW(store.submit(two, {SplitKind::rows, 2}), QueueFull) << "a tile waits as well";
  store.submit(operands());
  EXPECT_THROW(store.submit(operands()), QueueFull);
  store.claim("w1", kNow, still_there);
  EXPECT_NO_THROW(store.submit(operands()));
}

}  // namespace
}  // namespace enxame::coordinator
