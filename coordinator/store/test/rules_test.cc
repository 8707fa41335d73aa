#include "coordinator/store/rules.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <ostream>
#include <utility>

namespace enxame::coordinator {

std::ostream& operator<<(std::ostream& out, const Life& life) {
  return out << to_string(life.state) << ", attempts " << life.attempts << ", free returns "
             << life.free_returns;
}

namespace {

using std::chrono::milliseconds;

constexpr Limits kLimits{.attempts = 3, .free_returns = 2};

constexpr std::array kStates{TaskState::pending, TaskState::processing, TaskState::completed,
                             TaskState::failed, TaskState::cancelled};

constexpr Effects kFinished{.end_lease = true, .finish = true};
constexpr Effects kBack{.enter_queue = true, .end_lease = true};
constexpr Effects kExhausted{.end_lease = true, .finish = true, .exhausted = true};

/// What becomes of a task that was handed out once, and came back once without having reached its
/// worker. Whatever is not here does not happen.
std::map<std::pair<TaskState, TaskEvent>, Transition> table() {
  const auto life = [](TaskState state, int attempts, int free_returns = 1) {
    return Life{state, attempts, free_returns};
  };
  const Transition back{life(TaskState::pending, 1), kBack};
  return {
      {{TaskState::pending, TaskEvent::claimed},
       {life(TaskState::processing, 2), {.leave_queue = true, .begin_lease = true}}},
      {{TaskState::pending, TaskEvent::withdrawn},
       {life(TaskState::failed, 1), {.leave_queue = true, .finish = true}}},
      {{TaskState::processing, TaskEvent::named}, {life(TaskState::processing, 1), {}}},
      {{TaskState::processing, TaskEvent::completed}, {life(TaskState::completed, 1), kFinished}},
      {{TaskState::processing, TaskEvent::failed}, {life(TaskState::failed, 1), kFinished}},
      {{TaskState::processing, TaskEvent::withdrawn}, {life(TaskState::failed, 1), kFinished}},
      {{TaskState::processing, TaskEvent::nacked}, back},
      {{TaskState::processing, TaskEvent::abandoned}, back},
      {{TaskState::processing, TaskEvent::expired}, back},
      {{TaskState::processing, TaskEvent::undelivered}, {life(TaskState::pending, 0, 2), kBack}},
      {{TaskState::processing, TaskEvent::unsent}, {life(TaskState::pending, 0), kBack}},
      {{TaskState::processing, TaskEvent::revoked}, {life(TaskState::pending, 0), kBack}},
      {{TaskState::pending, TaskEvent::accepted_late},
       {life(TaskState::completed, 1), {.leave_queue = true, .finish = true}}},
      {{TaskState::pending, TaskEvent::cancelled},
       {life(TaskState::cancelled, 1), {.leave_queue = true, .finish = true}}},
      {{TaskState::processing, TaskEvent::cancelled}, {life(TaskState::cancelled, 1), kFinished}},
      {{TaskState::failed, TaskEvent::retried},
       {life(TaskState::pending, 0, 0), {.enter_queue = true, .reopen = true}}},
  };
}

TEST(Rules, SayWhatEveryEventMakesOfATaskInEveryState) {
  const auto expected = table();
  for (const TaskState state : kStates) {
    for (std::size_t i = 0; i < kTaskEvents; ++i) {
      const auto event = static_cast<TaskEvent>(i);
      SCOPED_TRACE(std::string(to_string(state)) + " × " + std::string(to_string(event)));
      const auto found = transition({state, 1, 1}, event, kLimits);
      const auto row = expected.find({state, event});
      ASSERT_EQ(found.has_value(), row != expected.end());
      if (!found) continue;
      EXPECT_EQ(found->after, row->second.after);
      EXPECT_EQ(found->effects, row->second.effects);
    }
  }
}

TEST(Rules, FailATaskThatComesBackFromItsLastAttempt) {
  for (const TaskEvent event : {TaskEvent::nacked, TaskEvent::abandoned, TaskEvent::expired}) {
    const auto found = transition({TaskState::processing, kLimits.attempts, 0}, event, kLimits);
    EXPECT_EQ(found->after, (Life{TaskState::failed, kLimits.attempts, 0})) << to_string(event);
    EXPECT_EQ(found->effects, kExhausted) << to_string(event);
  }
}

TEST(Rules, LetATaskComeBackUnreadForNothingOnlySoOften) {
  const auto undelivered = [](int attempts, int free_returns) {
    return *transition({TaskState::processing, attempts, free_returns}, TaskEvent::undelivered,
                       kLimits);
  };
  EXPECT_EQ(undelivered(3, 1).after, (Life{TaskState::pending, 2, 2}));
  EXPECT_EQ(undelivered(2, 2).after, (Life{TaskState::pending, 2, 2})) << "an attempt is spent";
  EXPECT_EQ(undelivered(3, 2).after, (Life{TaskState::failed, 3, 2}));
  EXPECT_EQ(undelivered(3, 2).effects, kExhausted);
  const auto unsent = transition({TaskState::processing, 3, 2}, TaskEvent::unsent, kLimits);
  EXPECT_EQ(unsent->after, (Life{TaskState::pending, 2, 2})) << "for nothing, however often";
}

TEST(Rules, MakeASplitTaskOfItsTiles) {
  const std::map<std::pair<TaskState, TaskState>, SplitLife> of_two{
      {{TaskState::pending, TaskState::pending}, {TaskState::pending, 2}},
      {{TaskState::pending, TaskState::processing}, {TaskState::processing, 2}},
      {{TaskState::pending, TaskState::completed}, {TaskState::pending, 1}},
      {{TaskState::pending, TaskState::failed}, {TaskState::failed, 2}},
      {{TaskState::pending, TaskState::cancelled}, {TaskState::failed, 2}},
      {{TaskState::processing, TaskState::pending}, {TaskState::processing, 2}},
      {{TaskState::processing, TaskState::processing}, {TaskState::processing, 2}},
      {{TaskState::processing, TaskState::completed}, {TaskState::processing, 1}},
      {{TaskState::processing, TaskState::failed}, {TaskState::failed, 2}},
      {{TaskState::processing, TaskState::cancelled}, {TaskState::failed, 2}},
  };
  for (const TaskState state : kStates) {
    for (const TaskState tile : kStates) {
      const SplitLife before{state, 2};
      const auto row = of_two.find({state, tile});
      EXPECT_EQ(after_tile(before, tile), row == of_two.end() ? before : row->second)
          << to_string(state) << " × " << to_string(tile);
    }
  }
  EXPECT_EQ(after_tile({TaskState::processing, 1}, TaskState::completed),
            (SplitLife{TaskState::completed, 0}));
  EXPECT_EQ(reopened(3, 3), (SplitLife{TaskState::pending, 3}));
  EXPECT_EQ(reopened(2, 3), (SplitLife{TaskState::processing, 2}));
}

TEST(Rules, EndALeaseInTimeAndOneOfAnotherClockAtOnce) {
  const Instant claimed{ClockId{1}, milliseconds(10)};
  const auto has_run_out_at = [&](ClockId clock, int ms) {
    return has_run_out(claimed, milliseconds(5), {clock, milliseconds(ms)});
  };
  EXPECT_FALSE(has_run_out_at(ClockId{1}, 14));
  EXPECT_TRUE(has_run_out_at(ClockId{1}, 15));
  EXPECT_TRUE(has_run_out_at(ClockId{2}, 10)) << "nothing is known of how long ago that was";
}

TEST(Rules, HaveNoTaskClaimedBeforeItWasAccepted) {
  const Instant accepted{ClockId{1}, milliseconds(10)};
  const auto claimed = [&](ClockId clock, int ms) {
    return claimed_at(accepted, {clock, milliseconds(ms)}).reading;
  };
  EXPECT_EQ(claimed(ClockId{1}, 9), milliseconds(10));
  EXPECT_EQ(claimed(ClockId{1}, 11), milliseconds(11));
  EXPECT_EQ(claimed(ClockId{2}, 9), milliseconds(9)) << "of another clock nothing is known";
}

TEST(Rules, SubtractNoReadingsOfTwoClocks) {
  const Instant early{ClockId{1}, milliseconds(10)};
  EXPECT_EQ((Instant{ClockId{1}, milliseconds(12)} - early), milliseconds(2));
  EXPECT_THROW((Instant{ClockId{2}, milliseconds(12)} - early), std::logic_error);
}

/// Who may answer for a task that "w1" holds under lease 7, by its fence.
TEST(Rules, SayWhoHoldsATask) {
  TaskRecord task;
  task.id = 3;
  task.life.state = TaskState::processing;
  task.worker = "w1";
  task.lease = 7;
  const auto lease = [](std::uint64_t generation) {
    return Holder::of(Claim{3, generation, {}, {}});
  };
  const auto why = [&](Fence fence, const Holder& holder) {
    task.fence = fence;
    return why_not_held(task, holder).value_or("");
  };
  for (const Fence fence : {Fence::none, Fence::lease}) {
    EXPECT_EQ(why(fence, lease(7)), "");
    EXPECT_EQ(why(fence, lease(8)), "task 3 is held under lease 7, not under 8");
    EXPECT_EQ(why(fence, Holder::named("w2")), "task 3 is held by \"w1\", not by \"w2\"");
  }
  EXPECT_EQ(why(Fence::none, Holder::unnamed()), "");
  EXPECT_EQ(why(Fence::none, Holder::named("w1")), "");
  for (const Holder& nameless : {Holder::named("w1"), Holder::unnamed()}) {
    EXPECT_EQ(why(Fence::lease, nameless),
              "task 3 is held under a lease, which the answer has to name");
  }
  task.worker.clear();
  EXPECT_EQ(why(Fence::none, Holder::named("w9")), "");
  for (const TaskState state :
       {TaskState::pending, TaskState::completed, TaskState::failed, TaskState::cancelled}) {
    task.life.state = state;
    EXPECT_EQ(why(Fence::none, lease(7)),
              "task 3 is not held by any worker, it is " + std::string(to_string(state)));
  }
  task.tiles = 2;
  EXPECT_EQ(why(Fence::none, lease(7)),
            "task 3 is split: workers hold its tiles, which have numbers of their own");
}

TEST(Rules, AHolderHasANameOrSaysThatItHasNone) {
  EXPECT_THROW(Holder::named(""), std::invalid_argument);
  EXPECT_EQ(Holder::answering("").worker(), "");
  EXPECT_EQ(Holder::answering("w1").worker(), "w1");
  EXPECT_EQ(Holder::answering("w1", 7).lease(), 7u);
}

}  // namespace
}  // namespace enxame::coordinator
