// What may become of a task besides being computed by the first who takes it, over any store.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <limits>
#include <string>
#include <vector>

#include "coordinator/broker/test/test_broker.h"
#include "coordinator/store/frame_view.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TaskLifeContract : public testing::TestWithParam<StoreKind> {
 protected:
  static constexpr milliseconds kLease{10'000};
  static constexpr milliseconds kHold{60'000};

  /// 2 × 1 times 1 × 1: [[3],[6]].
  TaskId submit(const Split& split = {}, std::optional<SubmissionKey> key = {}) {
    return store_.submit(std::make_shared<const Operands>(
                             parse_operands(Codec::json, R"({"A":"[[1],[2]]","B":"[[3]]"})")),
                         split, std::move(key));
  }
  Claimed claim(const std::string& worker = "w1", Fence fence = Fence::lease) {
    return store_.claim({worker, fence}, kNow, still_there);
  }
  TaskView now(TaskId id) { return store_.look(id); }
  void pass(milliseconds time) {
    clock_.advance(time);
    store_.expire_leases();
  }
  TaskView complete(const Claimed& task, const std::string& product = "[[3],[6]]") {
    return store_.TaskBroker::complete(*task, "w1", text_product(product), {});
  }
  std::vector<std::string> endings(TaskId id) {
    std::vector<std::string> endings;
    const TaskRecord task = store_.inspect(id);
    for (const EndedClaim& each : task.history.claims()) {
      endings.push_back(each.worker + " " + std::string(to_string(each.how)));
    }
    return endings;
  }

  ManualClock clock_;
  TestBroker store_{GetParam(),
                    {.lease = kLease, .hold = kHold, .max_stored_bytes = 20'000},
                    {.presence_check = milliseconds(10), .now = [this] { return clock_.now(); }}};
};

INSTANTIATE_TEST_SUITE_P(Stores, TaskLifeContract, testing::ValuesIn(store_kinds()),
                         testing::PrintToStringParamName());

TEST_P(TaskLifeContract, AWorkerThatKnowsNoLeasesHoldsATaskForLonger) {
  submit();
  submit();
  const auto short_lived = claim("w1", Fence::lease);
  const auto long_lived = claim("w2", Fence::none);
  pass(kLease);
  EXPECT_EQ(now(short_lived->id).state, TaskState::pending);
  EXPECT_EQ(now(long_lived->id).state, TaskState::processing);
  pass(kHold - kLease);
  EXPECT_EQ(now(long_lived->id).state, TaskState::pending);
}

TEST_P(TaskLifeContract, ALeaseThatIsRenewedLasts) {
  submit();
  submit();
  const auto renewed = claim("w1");
  const auto not_renewed = claim("w2");
  for (int i = 0; i < 10; ++i) {
    pass(kLease - milliseconds(1));
    EXPECT_TRUE(store_.renew(*renewed)) << i;
  }
  EXPECT_EQ(now(renewed->id).state, TaskState::processing);
  EXPECT_EQ(now(not_renewed->id).state, TaskState::pending);
  EXPECT_FALSE(store_.renew(*not_renewed)) << "that is over";
  pass(kLease);
  EXPECT_EQ(now(renewed->id).state, TaskState::pending);
}

TEST_P(TaskLifeContract, TellsWhatBecameOfItsClaims) {
  const TaskId id = submit();
  claim("w1");
  pass(kLease);
  store_.TaskBroker::nack(*claim("w2"), "no memory");
  store_.abandon(*claim("w3"), "its connection ended");
  EXPECT_EQ(now(id).state, TaskState::failed);
  EXPECT_THAT(endings(id), ElementsAre("w1 expired", "w2 nacked", "w3 abandoned"));
  const TaskRecord task = store_.inspect(id);
  const EndedClaim& first = task.history.claims().front();
  EXPECT_EQ(first.ended_at - first.claimed_at, kLease);
  EXPECT_THAT(task.history.claims()[1].reason, HasSubstr("no memory"));
}

TEST_P(TaskLifeContract, KeepsTheLastOfManyClaims) {
  const TaskId id = submit();
  for (std::size_t i = 0; i < TaskHistory::kMostClaims; ++i) store_.requeue(*claim("early"));
  store_.TaskBroker::nack(*claim("late"), "no");
  const TaskHistory history = store_.inspect(id).history;
  EXPECT_EQ(history.claims().size(), TaskHistory::kMostClaims);
  EXPECT_EQ(history.claims().back().worker, "late");
  EXPECT_EQ(history.left_out(), 1u);
}

TEST_P(TaskLifeContract, ARightProductThatComesLateIsTaken) {
  const TaskId id = submit();
  const auto late = claim("w1");
  pass(kLease);
  EXPECT_EQ(complete(late).state, TaskState::completed);
  EXPECT_EQ(now(id).result->wire, "[[3],[6]]");
  EXPECT_EQ(now(id).worker, "w1");
  EXPECT_FALSE(claim("w2")) << "nobody else need compute it";
  EXPECT_EQ(store_.seen().times(TaskEvent::accepted_late), 1u);
}

TEST_P(TaskLifeContract, ALateProductTakesTheTaskFromWhoeverHasIt) {
  const TaskId id = submit();
  const auto late = claim("w1");
  pass(kLease);
  const auto current = claim("w2");
  ASSERT_EQ(current->id, id);
  complete(late);
  EXPECT_EQ(now(id).worker, "w1");
  EXPECT_EQ(store_.stats().active, 0u);
  EXPECT_THAT(endings(id), ElementsAre("w1 expired", "w2 revoked"));
  // What the other returns then changes nothing.
  EXPECT_EQ(complete(current).worker, "w1");
  EXPECT_EQ(store_.stats().completed, 1u);
  for (const WorkerView& worker : store_.workers()) {
    EXPECT_NE(worker.state, WorkerState::working) << worker.id;
  }
}

TEST_P(TaskLifeContract, AWrongProductThatComesLateIsNot) {
  const TaskId id = submit();
  const auto late = claim("w1");
  pass(kLease);
  EXPECT_THROW(complete(late, "[[3],[7]]"), std::invalid_argument);
  EXPECT_EQ(now(id).state, TaskState::pending);
  const auto current = claim("w2");
  EXPECT_THROW(complete(late, "[[3],[7]]"), std::invalid_argument);
  EXPECT_EQ(now(id).state, TaskState::processing);
  EXPECT_EQ(complete(current).state, TaskState::completed);
}

TEST_P(TaskLifeContract, OfALateHolderOnlyAProductIsTaken) {
  const TaskId id = submit();
  const auto late = claim("w1");
  pass(kLease);
  EXPECT_THROW(store_.TaskBroker::fail(*late, "why"), NotHeld);
  EXPECT_THROW(store_.TaskBroker::nack(*late, "why"), NotHeld);
  EXPECT_EQ(now(id).state, TaskState::pending);
}

TEST_P(TaskLifeContract, ATileIsTakenLateAsWell) {
  const TaskId id = submit({SplitKind::rows, 2});
  const auto first = claim("w1");
  const auto second = claim("w2");
  pass(kLease);
  const auto again = claim("w3");
  ASSERT_EQ(again->id, first->id);
  EXPECT_THROW(complete(first, "[[4]]"), std::invalid_argument);
  complete(first, "[[3]]");
  complete(second, "[[6]]");
  ASSERT_EQ(now(id).state, TaskState::completed);
  EXPECT_EQ(decode_frame<double>(now(id).result->wire), (Matrix{{3}, {6}}));
}

TEST_P(TaskLifeContract, AnotherProductOfACompletedTaskIsNoted) {
  const TaskId id = submit();
  complete(claim("w1"));
  const auto confirm = [&](const std::string& product) {
    return store_.confirm(id, {"w2", 7}, text_product(product));
  };
  EXPECT_TRUE(confirm("[[3],[6]]"));
  EXPECT_TRUE(confirm("[[3.0],[6e0]]")) << "the same numbers";
  EXPECT_TRUE(confirm("nonsense")) << "not a product";
  EXPECT_THAT(store_.inspect(id).history.contradictions(), IsEmpty());
  EXPECT_FALSE(confirm("[[3],[7]]"));
  EXPECT_FALSE(confirm("[[3,6]]"));
  const auto noted = store_.inspect(id).history.contradictions();
  ASSERT_EQ(noted.size(), 2u);
  EXPECT_EQ(noted[0].worker, "w2");
  EXPECT_EQ(noted[0].lease, 7u);
  EXPECT_EQ(noted[0].difference, "row 2, column 1 is 6 in the first and 7 in the second");
  EXPECT_EQ(noted[1].difference, "the first is 2 × 1, the second 1 × 2");
  EXPECT_EQ(now(id).result->wire, "[[3],[6]]");
  for (int i = 0; i < 9; ++i) confirm("[[3],[8]]");
  EXPECT_EQ(store_.inspect(id).history.contradictions().size(), TaskHistory::kMostContradictions);
}

TEST_P(TaskLifeContract, WhatIsCancelledIsNotComputed) {
  const TaskId waiting = submit();
  EXPECT_EQ(store_.cancel(waiting).state, TaskState::cancelled);
  EXPECT_FALSE(claim());
  const TaskId held = submit();
  const auto holder = claim();
  EXPECT_EQ(store_.cancel(held).state, TaskState::cancelled);
  EXPECT_EQ(store_.stats().active, 0u);
  EXPECT_THROW(complete(holder), NotHeld);
  EXPECT_EQ(now(held).error, "the task was cancelled");
  EXPECT_EQ(store_.cancel(held).state, TaskState::cancelled) << "again";
  EXPECT_THROW(store_.retry(held), WrongState);
  EXPECT_EQ(store_.seen().times(TaskEvent::cancelled), 2u);
}

TEST_P(TaskLifeContract, OnlyWhatIsNotFinishedCanBeCancelled) {
  const TaskId completed = submit();
  complete(claim());
  EXPECT_THROW(store_.cancel(completed), WrongState);
  const TaskId failed = submit();
  store_.TaskBroker::fail(*claim(), "no");
  EXPECT_THROW(store_.cancel(failed), WrongState);
  EXPECT_THROW(store_.cancel(77), UnknownTask);
}

TEST_P(TaskLifeContract, ASplitTaskIsCancelledWithItsTiles) {
  const TaskId id = submit({SplitKind::rows, 2});
  const auto holder = claim();
  EXPECT_THROW(store_.cancel(holder->id), WrongState) << "a tile ends with its task";
  store_.cancel(id);
  EXPECT_EQ(now(id).state, TaskState::cancelled);
  EXPECT_FALSE(claim());
  EXPECT_EQ(store_.stats().active, 0u);
  EXPECT_EQ(store_.stats().queued, 0u);
  EXPECT_THROW(complete(holder, "[[3]]"), NotHeld);
}

TEST_P(TaskLifeContract, WhatHasFailedCanBeTriedAgain) {
  const TaskId id = submit();
  for (int i = 0; i < 3; ++i) store_.TaskBroker::nack(*claim(), "no memory");
  ASSERT_EQ(now(id).state, TaskState::failed);
  EXPECT_EQ(store_.retry(id).state, TaskState::pending);
  EXPECT_EQ(now(id).error, "");
  EXPECT_THAT(endings(id), testing::SizeIs(3)) << "it is still told";
  for (int i = 0; i < 2; ++i) store_.TaskBroker::nack(*claim(), "no memory");
  EXPECT_EQ(complete(claim()).state, TaskState::completed) << "it has all of its attempts again";
  EXPECT_EQ(store_.stats().completed, 1u);
  EXPECT_EQ(store_.stats().total, 1u);
}

TEST_P(TaskLifeContract, OnlyWhatHasFailedCanBeTriedAgain) {
  const TaskId id = submit();
  EXPECT_THROW(store_.retry(id), WrongState);
  const auto holder = claim();
  EXPECT_THROW(store_.retry(id), WrongState);
  complete(holder);
  EXPECT_THROW(store_.retry(id), WrongState);
  EXPECT_THROW(store_.retry(77), UnknownTask);
}

TEST_P(TaskLifeContract, OfASplitTaskOnlyWhatIsMissingIsTriedAgain) {
  const TaskId id = submit({SplitKind::rows, 2});
  complete(claim("w1"), "[[3]]");
  const auto failing = claim("w2");
  store_.TaskBroker::fail(*failing, "no");
  ASSERT_EQ(now(id).state, TaskState::failed);
  EXPECT_THROW(store_.retry(failing->id), WrongState) << "a tile is tried again with its task";
  EXPECT_EQ(store_.retry(id).state, TaskState::processing);
  const auto again = claim("w3");
  EXPECT_EQ(again->id, failing->id);
  EXPECT_FALSE(claim("w4"));
  complete(again, "[[6]]");
  ASSERT_EQ(now(id).state, TaskState::completed);
  EXPECT_EQ(decode_frame<double>(now(id).result->wire), (Matrix{{3}, {6}}));
}

TEST_P(TaskLifeContract, WhoWaitsForATaskThatIsTriedAgainWaitsOn) {
  const TaskId id = submit();
  store_.TaskBroker::fail(*claim(), "no");
  store_.retry(id);
  EXPECT_EQ(store_.await(id, kNow).outcome, WaitOutcome::none);
  EXPECT_EQ(store_.await(id, kNow).task.state, TaskState::pending);
}

TEST_P(TaskLifeContract, ATaskThatIsTriedAgainNeedsRoom) {
  const auto large =
      std::make_shared<Operands>(Operands{Codec::json, std::string(12'000, 'x'), {1, 1}});
  const TaskId failed = store_.submit(large);
  store_.TaskBroker::fail(*claim(), "no");
  store_.submit(operands(4'000));
  const std::size_t before = store_.stats().stored_bytes;
  EXPECT_THROW(
      {
        store_.submit(operands(4'000));
        store_.retry(failed);
      },
      StoreFull);
  EXPECT_GE(store_.stats().stored_bytes, before);
  EXPECT_EQ(now(failed).state, TaskState::failed);
}

TEST_P(TaskLifeContract, WhatHasFailedIsForgottenForWantOfRoom) {
  const TaskId failed = submit();
  store_.TaskBroker::fail(*claim(), "no");
  const TaskId unknown = failed + 100;
  for (int i = 0; i < 3; ++i) {
    store_.submit(operands(9'000));
    store_.TaskBroker::fail(*claim(), "no");
  }
  EXPECT_THROW(now(failed), ForgottenTask);
  EXPECT_THROW(store_.retry(failed), ForgottenTask);
  try {
    now(unknown);
    FAIL() << "there is no such task";
  } catch (const ForgottenTask&) {
    FAIL() << "there never was";
  } catch (const UnknownTask&) {
  }
}

TEST_P(TaskLifeContract, ASubmissionThatIsRepeatedMakesNoSecondTask) {
  const auto key = [](std::string name, unsigned char fingerprint) {
    SubmissionKey made{std::move(name), {}};
    made.fingerprint.bytes[0] = fingerprint;
    return made;
  };
  const TaskId first = submit({}, key("a", 1));
  EXPECT_EQ(submit({}, key("a", 1)), first);
  EXPECT_NE(submit({}, key("b", 1)), first);
  EXPECT_NE(submit(), submit());
  EXPECT_THROW(submit({}, key("a", 2)), KeyReused);
  complete(claim());
  EXPECT_EQ(submit({}, key("a", 1)), first) << "also when it is finished";
  EXPECT_EQ(store_.stats().total, 4u);
  const TaskId split = submit({SplitKind::rows, 2}, key("c", 1));
  EXPECT_EQ(submit({SplitKind::rows, 2}, key("c", 1)), split);
  EXPECT_EQ(store_.seen().submitted(), 5u);
}

TEST_P(TaskLifeContract, AKeyIsForgottenWithItsTask) {
  SubmissionKey key{"a", {}};
  const TaskId first = submit({}, key);
  complete(claim());
  for (int i = 0; i < 2; ++i) {
    store_.submit(operands(10'000));
    complete(claim(), std::string(18'000, '1'));
  }
  EXPECT_THROW(now(first), ForgottenTask);
  EXPECT_NE(submit({}, key), first);
}

TEST_P(TaskLifeContract, AQuestionThatIsRepeatedGetsTheSameTask) {
  const TaskId id = submit();
  submit();
  Ask ask("w1", Fence::lease);
  ask.question = 17;
  const auto ask_now = [&] { return store_.claim(ask, kNow, still_there); };
  const auto first = ask_now();
  EXPECT_EQ(first->id, id);
  EXPECT_EQ(ask_now()->lease, first->lease);
  Ask other("w2", Fence::lease);
  other.question = 17;
  EXPECT_NE(store_.claim(other, kNow, still_there)->id, id) << "another's question";
  complete(first);
  EXPECT_FALSE(ask_now()) << "it has been answered for";
}

TEST_P(TaskLifeContract, AQuestionThatWaitsTwiceIsAnsweredWithOneTask) {
  Ask ask("w1", Fence::lease);
  ask.keeper = "k1";
  ask.question = 1;
  store_.keeper_came("k1");
  std::array<std::atomic<bool>, 2> waits{};
  std::vector<std::future<Claimed>> answers;
  for (std::atomic<bool>& each : waits) {
    answers.push_back(std::async(std::launch::async, [&ask, &each, this] {
      return store_.claim(ask, kLong, [&each] { return each = true; });
    }));
  }
  eventually([&] { return waits[0] && waits[1]; });
  submit();
  submit();
  const Claimed first = answers[0].get();
  const Claimed second = answers[1].get();
  EXPECT_EQ(first->lease, second->lease);
  EXPECT_EQ(store_.stats().active, 1u);
  EXPECT_EQ(store_.stats().queued, 1u);
}

TEST_P(TaskLifeContract, ATaskThatWasAnsweredWithTwiceGoesBackWhenNeitherArrived) {
  submit();
  Ask ask("w1", Fence::lease);
  ask.question = 17;
  const auto first = store_.claim(ask, kNow, still_there);
  ASSERT_EQ(store_.claim(ask, kNow, still_there)->lease, first->lease);
  store_.unsent(*first);
  EXPECT_EQ(store_.stats().active, 1u) << "the other may have arrived";
  store_.unsent(*first);
  EXPECT_EQ(store_.stats().queued, 1u);
  store_.unsent(*claim("w2"));
  EXPECT_EQ(store_.stats().queued, 1u);
}

TEST_P(TaskLifeContract, ASecondProductInAnotherTypeChangesNothing) {
  const TaskId id = submit();
  complete(claim());
  const FrameHeader narrow{Dtype::f32, {2, 1}};
  std::string frame = frame_head(narrow);
  frame.resize(narrow.frame_bytes());
  EXPECT_TRUE(store_.confirm(id, {"w2", 7}, {Codec::binary, frame}));
  EXPECT_THAT(store_.inspect(id).history.contradictions(), IsEmpty());
}

TEST_P(TaskLifeContract, ASecondProductWithWhatIsNotANumberContradicts) {
  const TaskId id = submit();
  complete(claim());
  std::string frame;
  append_frame(Matrix{{std::numeric_limits<double>::quiet_NaN()}, {6}}, frame);
  EXPECT_FALSE(store_.confirm(id, {"w2", 7}, {Codec::binary, frame}));
}

/// Else the keeper would keep for ever what its worker knows nothing of.
TEST_P(TaskLifeContract, AWorkerThatAsksAgainDoesNotHaveWhatItWasGivenBefore) {
  for (int i = 0; i < 3; ++i) submit();
  Ask ask("w1", Fence::lease);
  ask.keeper = "k1";
  store_.keeper_came("k1");
  const auto question = [&](std::uint64_t number) {
    ask.question = number;
    return store_.claim(ask, kNow, still_there);
  };
  const auto first = question(1);
  const auto second = question(2);
  EXPECT_EQ(second->id, first->id) << "it never heard of the answer to its first question";
  EXPECT_NE(second->lease, first->lease);
  EXPECT_THAT(endings(first->id), ElementsAre("w1 undelivered"));
  EXPECT_FALSE(question(1)) << "a question that comes late";
  EXPECT_EQ(question(2)->lease, second->lease);
  complete(second);
  EXPECT_FALSE(question(2)) << "it has been answered for";
  EXPECT_TRUE(question(3));
  EXPECT_EQ(store_.stats().active, 1u);
}

TEST_P(TaskLifeContract, AKeeperKeepsWhatIsClaimedUnderItsName) {
  for (int i = 0; i < 3; ++i) submit();
  Ask kept("w1", Fence::lease);
  kept.keeper = "k1";
  store_.keeper_came("k1");
  const auto first = store_.claim(kept, kNow, still_there);
  const auto second = store_.claim(kept, kNow, still_there);
  const auto alone = claim("w2");
  pass(kLease - milliseconds(1));
  store_.keep("k1");
  store_.keep("k2");
  pass(milliseconds(1));
  EXPECT_EQ(now(first->id).state, TaskState::processing);
  EXPECT_EQ(now(second->id).state, TaskState::processing);
  EXPECT_EQ(now(alone->id).state, TaskState::pending);
  complete(first);
  store_.keeper_left("k1", "its connection ended");
  EXPECT_EQ(now(first->id).state, TaskState::completed);
  EXPECT_EQ(now(second->id).state, TaskState::pending) << "at once";
  EXPECT_THAT(endings(second->id), ElementsAre("w1 abandoned"));
}

TEST_P(TaskLifeContract, WhatIsClaimedStaysWhileTheKeeperHasAnotherConnection) {
  submit();
  Ask kept("w1", Fence::lease);
  kept.keeper = "k1";
  store_.keeper_came("k1");
  const auto task = store_.claim(kept, kNow, still_there);
  store_.keeper_came("k1");
  store_.keeper_left("k1", "its connection ended");
  EXPECT_EQ(now(task->id).state, TaskState::processing);
  store_.keeper_left("k1", "");
  EXPECT_EQ(now(task->id).state, TaskState::processing) << "nobody says that it is gone";
}

/// With every product verified.
class VerifyingContract : public testing::TestWithParam<StoreKind> {
 protected:
  TaskId submit(Codec codec, const Split& split = {}) {
    std::string frames;
    append_frame(Matrix{{1}, {2}}, frames);
    append_frame(Matrix{{3}}, frames);
    const std::string json = R"({"A":"[[1],[2]]","B":"[[3]]"})";
    return store_.submit(std::make_shared<const Operands>(
                             parse_operands(codec, codec == Codec::json ? json : frames)),
                         split);
  }
  Claimed claim(const std::string& worker) {
    return store_.claim({worker, Fence::lease}, kNow, still_there);
  }
  void complete(const Claimed& task, const std::string& worker, const std::string& text) {
    store_.TaskBroker::complete(*task, worker, text_product(text), {});
  }

  TestBroker store_{GetParam(), {}, {.verify = Verify::all}};
};

INSTANTIATE_TEST_SUITE_P(Stores, VerifyingContract, testing::ValuesIn(store_kinds()),
                         testing::PrintToStringParamName());

TEST_P(VerifyingContract, AWrongProductIsRefusedAndItsWorkerGetsNoMoreTasks) {
  for (const Codec codec : {Codec::json, Codec::binary}) {
    const std::string liar = "liar of " + std::string(to_string(codec));
    const TaskId id = submit(codec);
    const auto task = claim(liar);
    EXPECT_THROW(complete(task, liar, "[[3],[7]]"), std::invalid_argument);
    EXPECT_EQ(store_.look(id).state, TaskState::processing)
        << "whoever speaks for it gives it back";
    store_.TaskBroker::nack(*task, "it is wrong");
    EXPECT_THROW(claim(liar), Quarantined);
    complete(claim("w1"), "w1", "[[3],[6]]");
    EXPECT_EQ(store_.look(id).worker, "w1");
  }
  EXPECT_EQ(store_.verified().right, 2u);
  EXPECT_EQ(store_.verified().wrong, 2u);
  for (const WorkerView& worker : store_.workers()) {
    const bool is_honest = worker.id == "w1";
    EXPECT_EQ(worker.admission, is_honest ? Admission::admitted : Admission::quarantined);
    EXPECT_THAT(worker.reason, HasSubstr(is_honest ? "" : "row 2 is off by"));
  }
  store_.readmit("liar of json");
  submit(Codec::json);
  EXPECT_TRUE(claim("liar of json"));
}

TEST_P(VerifyingContract, TilesAreVerifiedBeforeTheyArePutTogether) {
  const TaskId id = submit(Codec::binary, {SplitKind::rows, 2});
  const auto first = claim("liar");
  EXPECT_THROW(complete(first, "liar", "[[4]]"), std::invalid_argument);
  store_.TaskBroker::nack(*first, "it is wrong");
  complete(claim("w1"), "w1", "[[3]]");
  complete(claim("w1"), "w1", "[[6]]");
  EXPECT_EQ(decode_frame<double>(store_.look(id).result->wire), (Matrix{{3}, {6}}));
}

}  // namespace
}  // namespace enxame::coordinator
