#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <thread>

#include "coordinator/broker/test/test_broker.h"
#include "coordinator/store/split_operands.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/kernel.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

std::string frames_of(const Matrix& a, const Matrix& b) {
  std::string frames;
  append_frame(a, frames);
  append_frame(b, frames);
  return frames;
}

/// What a worker returns for a tile: it multiplies what it was handed.
Result product_of(const Assignment& task, Codec codec = Codec::binary) {
  const std::string frames = to_frames(*task.operands);
  std::string_view rest = frames;
  const Matrix a = take_frame<double>(rest);
  const Matrix c = multiply(a, decode_frame<double>(rest), Kernel::naive);
  Result result{codec, {}};
  if (codec == Codec::binary) {
    append_frame(c, result.wire);
  } else {
    result.wire = encode_text(c);
  }
  return result;
}

class SplitContract : public testing::TestWithParam<StoreKind> {
 protected:
  TaskId submit(std::size_t tiles, SplitKind kind = SplitKind::rows, Codec codec = Codec::binary) {
    const std::string json = R"({"A":")" + encode_text(a_) + R"(","B":")" + encode_text(b_) + "\"}";
    return store_.submit(std::make_shared<Operands>(parse_operands(
                             codec, codec == Codec::binary ? frames_of(a_, b_) : json)),
                         {kind, tiles});
  }
  Assignment claim(const std::string& worker = "w1") {
    return store_.claim(worker, kNow, still_there).task.value();
  }
  bool finds_none() { return !store_.claim("w9", kNow, still_there); }
  std::vector<Assignment> claim_all(std::size_t count) {
    std::vector<Assignment> claims;
    for (std::size_t i = 0; i < count; ++i) claims.push_back(claim("w" + std::to_string(i)));
    return claims;
  }
  TaskView now(TaskId id) { return store_.look(id); }
  Matrix product(TaskId id) { return decode_frame<double>(to_frame(*now(id).result)); }

  const Matrix a_ = random_matrix<double>({7, 5}, 1);
  const Matrix b_ = random_matrix<double>({5, 6}, 2);
  const Matrix c_ = multiply(a_, b_, Kernel::naive);
  ManualClock clock_;
  TestBroker store_{GetParam(),
                    {.lease = milliseconds(100),
                     .hold = milliseconds(100),
                     .limits = {.attempts = 2},
                     .max_stored_bytes = 100'000},
                    {.now = [this] { return clock_.now(); }}};
};

INSTANTIATE_TEST_SUITE_P(Stores, SplitContract, testing::ValuesIn(store_kinds()),
                         testing::PrintToStringParamName());

TEST_P(SplitContract, TilesInAnyOrderMakeTheProduct) {
  std::mt19937 random(5);
  for (const SplitKind kind : {SplitKind::rows, SplitKind::grid}) {
    for (const Codec submitted : {Codec::binary, Codec::json}) {
      for (const Codec returned : {Codec::binary, Codec::json}) {
        const TaskId id = submit(6, kind, submitted);
        std::vector<Assignment> claims = claim_all(6);
        EXPECT_TRUE(finds_none());
        std::shuffle(claims.begin(), claims.end(), random);
        for (const Assignment& each : claims) {
          EXPECT_EQ(now(id).state, TaskState::processing);
          EXPECT_EQ(store_.complete(each.id, "", product_of(each, returned)).state,
                    TaskState::completed);
        }
        EXPECT_EQ(now(id).state, TaskState::completed);
        EXPECT_EQ(product(id), c_);
      }
    }
  }
}

TEST_P(SplitContract, ATaskIsPendingUntilATileIsClaimed) {
  const TaskId id = submit(2);
  EXPECT_EQ(now(id).state, TaskState::pending);
  claim();
  EXPECT_EQ(now(id).state, TaskState::processing);
}

TEST_P(SplitContract, ASecondProductOfATileChangesNothing) {
  const TaskId id = submit(2);
  const auto claims = claim_all(2);
  store_.complete(claims[0].id, "w0", product_of(claims[0]));
  Result other{Codec::binary, {}};
  append_frame(Matrix(4, 6), other.wire);
  EXPECT_EQ(store_.TaskBroker::complete(claims[0], "w0", other, {}).state, TaskState::completed);
  store_.complete(claims[1].id, "w1", product_of(claims[1]));
  EXPECT_EQ(product(id), c_);
  // Also when all is over.
  EXPECT_EQ(store_.complete(claims[1].id, "w1", {}).state, TaskState::completed);
  EXPECT_EQ(store_.seen().tiles(), 2u);
}

TEST_P(SplitContract, TakesItsPhasesAndItsWorkerFromTheTileThatCompletedLast) {
  const TaskId id = submit(2);
  clock_.advance(milliseconds(3));
  const Assignment slow = claim("slow");
  clock_.advance(milliseconds(2));
  const Assignment quick = claim("quick");
  clock_.advance(milliseconds(10));
  store_.complete(quick.id, "quick", product_of(quick));
  clock_.advance(milliseconds(20));
  store_.complete(slow.id, "slow", product_of(slow), {.compute = milliseconds(8)});
  const TaskView task = now(id);
  EXPECT_EQ(task.worker, "slow");
  EXPECT_EQ(task.phases.queue, milliseconds(3));
  EXPECT_EQ(task.phases.worker.compute, milliseconds(8));
  EXPECT_EQ(task.phases.total(), milliseconds(35));
  EXPECT_EQ(task.finished_at - task.accepted_at, milliseconds(35));
}

TEST_P(SplitContract, ATileWhoseLeaseRanOutGoesToAnother) {
  const TaskId id = submit(2);
  const Assignment lost = claim("gone");
  const Assignment kept = claim("w1");
  store_.complete(kept.id, "w1", product_of(kept));
  clock_.advance(milliseconds(101));
  store_.expire_leases();
  const Assignment again = claim("w2");
  EXPECT_EQ(again.id, lost.id);
  EXPECT_THROW(store_.complete(lost.id, "gone", product_of(lost)), NotHeld);
  store_.complete(again.id, "w2", product_of(again));
  EXPECT_EQ(product(id), c_);
  EXPECT_EQ(now(id).worker, "w2");
  EXPECT_EQ(store_.seen().times(TaskEvent::expired), 1u);
}

TEST_P(SplitContract, AProductThatComesUnderAnOldClaimDoesNotComeToItsPlace) {
  const TaskId id = submit(2);
  const Assignment lost = claim("gone");
  const Assignment kept = claim("w1");
  store_.complete(kept.id, "w1", product_of(kept));
  clock_.advance(milliseconds(101));
  store_.expire_leases();
  const Assignment again = claim("w2");
  Result other{Codec::binary, {}};
  append_frame(Matrix(4, 6), other.wire);
  EXPECT_THROW(store_.TaskBroker::complete(lost, "gone", other, {}), std::invalid_argument);
  store_.complete(again.id, "w2", product_of(again));
  EXPECT_EQ(product(id), c_);
}

TEST_P(SplitContract, AFailedTileFailsTheTaskAndWithdrawsTheOthers) {
  const TaskId id = submit(4);
  const Assignment done = claim("w1");
  store_.complete(done.id, "w1", product_of(done));
  const Assignment held = claim("w2");
  const Assignment failing = claim("w3");
  const TaskId other = store_.submit(operands());
  EXPECT_EQ(store_.fail(failing.id, "w3", "too hot").state, TaskState::failed);
  EXPECT_EQ(now(id).state, TaskState::failed);
  EXPECT_EQ(now(id).error, "tile 3 of 4: too hot");
  EXPECT_THROW(store_.complete(held.id, "w2", product_of(held)), NotHeld);
  EXPECT_EQ(claim("w4").id, other) << "the tile that waited is not handed out any more";
  const StoreStats stats = store_.stats();
  EXPECT_EQ(store_.seen().split_failed(), 1u);
  EXPECT_EQ(stats.active, 1u);
  EXPECT_EQ(stats.queued, 0u);
}

TEST_P(SplitContract, ATileThatComesBackTooOftenFailsTheTask) {
  const TaskId id = submit(2);
  const std::size_t whole = store_.stats().stored_bytes;
  const TaskId first = claim().id;
  store_.nack(first, "w1", "no frame");
  EXPECT_EQ(now(id).state, TaskState::processing);
  EXPECT_EQ(claim().id, first);
  store_.nack(first, "w1", "no frame");
  EXPECT_THAT(now(id).error, HasSubstr("tile 1 of 2: no product after 2 attempts"));
  EXPECT_TRUE(finds_none());
  EXPECT_EQ(store_.stats().stored_bytes, whole + now(id).error.size()) << "it may be tried again";
}

TEST_P(SplitContract, ATileThatNeverReachedItsWorkerLosesNoAttempt) {
  const TaskId id = submit(2);
  for (int i = 0; i < 5; ++i) store_.requeue(claim());
  for (const Assignment& each : claim_all(2)) store_.complete(each.id, "", product_of(each));
  EXPECT_EQ(product(id), c_);
}

TEST_P(SplitContract, CountsTasksAsTheyWereSubmittedAndWhatWorkersHoldByTiles) {
  submit(3);
  const auto claims = claim_all(1);
  StoreStats stats = store_.stats();
  EXPECT_EQ(stats.total, 1u);
  EXPECT_EQ(stats.active, 1u);
  EXPECT_EQ(stats.queued, 2u);
  store_.complete(claims[0].id, "w0", product_of(claims[0]));
  for (const Assignment& each : claim_all(2)) store_.complete(each.id, "", product_of(each));
  stats = store_.stats();
  EXPECT_EQ(stats.completed, 1u);
  EXPECT_EQ(store_.seen().tiles(), 3u);
  EXPECT_EQ(store_.seen().times(TaskEvent::claimed), 3u);
  EXPECT_EQ(stats.active, 0u);
}

TEST_P(SplitContract, CountsOperandsOnceWhateverTheNumberOfTiles) {
  const std::size_t frames = frames_of(a_, b_).size();
  const std::size_t product = FrameHeader{Dtype::f64, c_.shape()}.frame_bytes();
  submit(7);
  EXPECT_EQ(store_.stats().stored_bytes, frames + product + 8 * 1024);
  for (const Assignment& each : claim_all(7)) store_.complete(each.id, "", product_of(each));
  EXPECT_EQ(store_.stats().stored_bytes, product + 8 * 1024);
}

TEST_P(SplitContract, ForgetsTilesWithTheirTask) {
  const TaskId id = submit(2);
  auto claims = claim_all(2);
  for (Assignment& each : claims) {
    store_.complete(each.id, "", product_of(each));
    each.operands.reset();
  }
  store_.submit(operands(98'000));
  EXPECT_EQ(now(id).state, TaskState::completed) << "the one finished last is kept";
  store_.complete(claim("w").id, "w", text_product(std::string(99'000, '1')));
  EXPECT_THROW(now(id), UnknownTask);
  EXPECT_THROW(store_.complete(claims[0].id, "", text_product()), UnknownTask);
}

TEST_P(SplitContract, RefusesWhatDoesNotFit) {
  const auto much = std::make_shared<Operands>(
      parse_operands(Codec::binary, frames_of(Matrix(100, 100), Matrix(100, 10))));  // 88 kB
  EXPECT_THROW(store_.submit(much, {SplitKind::rows, 100}), TaskTooLarge) << "for its records";
  EXPECT_EQ(store_.stats().stored_bytes, 0u);
  EXPECT_EQ(store_.stats().queued, 0u);
  store_.submit(much, {SplitKind::rows, 2});
}

TEST_P(SplitContract, DoesNotSplitWhatIsOneTile) {
  const auto one = std::make_shared<Operands>(
      parse_operands(Codec::binary, frames_of(Matrix(1, 3), Matrix(3, 1))));
  for (const SplitKind kind : {SplitKind::rows, SplitKind::grid}) {
    const TaskId id = store_.submit(one, {kind, 1024});
    const Assignment whole = claim();
    EXPECT_EQ(whole.id, id);
    EXPECT_EQ(whole.operands->tile, std::nullopt);
    store_.complete(id, "w1", product_of(whole));
    EXPECT_EQ(now(id).state, TaskState::completed);
  }
}

TEST_P(SplitContract, MakesAsManyTilesAsThereAreWorkersToCountOn) {
  for (int i = 0; i < 100; ++i) store_.claim("made-up" + std::to_string(i), kNow, still_there);
  submit(0);
  EXPECT_EQ(store_.stats().queued, 1u) << "names alone are no workers";
  const Assignment whole = claim("veteran");
  store_.complete(whole.id, "veteran", product_of(whole));

  submit(2);
  const Assignment held = claim("veteran");
  const Assignment other = claim("made-up0");
  submit(0);
  EXPECT_EQ(store_.stats().queued, 1u) << "the veteran alone, which holds a tile";
}

TEST_P(SplitContract, TilesOfAColumnShareOneFrameAndItsName) {
  submit(4, SplitKind::grid);
  const auto claims = claim_all(4);
  const auto& whole = claims[0].operands->tile->whole;
  EXPECT_EQ(whole->partition().column_blocks(), 2u);
  EXPECT_EQ(whole->b_frame(0).data(), whole->b_frame(2).data());
  EXPECT_EQ(whole->b_digest(0), whole->b_digest(2));
  EXPECT_NE(whole->b_digest(0), whole->b_digest(1));
}

TEST_P(SplitContract, WakesWhoWaitsForTheTaskAndWhoWaitsForATile) {
  TaskId id = submit(2);
  const auto claims = claim_all(2);
  std::thread task([&] { EXPECT_EQ(store_.result(id, kLong).state, TaskState::completed); });
  std::thread tile([&] {
    const TaskView view = store_.result(claims[0].id, kLong);
    EXPECT_EQ(view.state, TaskState::completed);
    EXPECT_EQ(view.result, nullptr) << "a tile's product is part of its task's";
  });
  for (const Assignment& each : claims) store_.complete(each.id, "", product_of(each));
  task.join();
  tile.join();
}

TEST_P(SplitContract, ClosingWakesWhoWaitsForASplitTask) {
  const TaskId id = submit(2);
  std::thread waiting([&] { EXPECT_EQ(store_.result(id, kLong).state, TaskState::pending); });
  store_.close();
  waiting.join();
}

TEST_P(SplitContract, TwoWorkersMayReturnOneTileAtOnce) {
  // The second of them got it when the lease of the first ran out while its product was copied.
  for (int i = 0; i < 50; ++i) {
    const TaskId id = submit(2);
    const auto claims = claim_all(2);
    store_.complete(claims[1].id, "w1", product_of(claims[1]));
    const auto give = [&] {
      try {
        store_.complete(claims[0].id, "w0", product_of(claims[0]));
      } catch (const NotHeld&) {
      }
    };
    std::thread first(give);
    std::thread second(give);
    first.join();
    second.join();
    EXPECT_EQ(product(id), c_);
  }
}

}  // namespace
}  // namespace enxame::coordinator
