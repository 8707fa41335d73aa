#include "load/stalls.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point at(std::chrono::milliseconds time) { return Clock::time_point(time); }

TEST(Stalls, OnlyWhatIsInTheTimeAskedForCounts) {
  const std::vector<Stall> stalls{{.begin = at(0ms), .end = at(300ms)},
                                  {.begin = at(900ms), .end = at(1000ms)},
                                  {.begin = at(1900ms), .end = at(2500ms)},
                                  {.begin = at(3000ms), .end = at(3100ms)}};
  const StallTotals totals = sum_of(stalls, at(200ms), at(2000ms));
  EXPECT_EQ(totals.stopped, 100ms + 100ms + 100ms);
  EXPECT_EQ(totals.longest, 100ms);
  EXPECT_EQ(sum_of(stalls, at(4000ms), at(5000ms)).stopped, 0ms);
}

TEST(Stalls, WaitingForAProcessorIsNoStop) {
  const std::vector<Stall> stalls{{.begin = at(0ms), .end = at(300ms), .starved = 250ms},
                                  {.begin = at(400ms), .end = at(500ms), .starved = 400ms}};
  const StallTotals totals = sum_of(stalls, at(0ms), at(1000ms));
  EXPECT_EQ(totals.stopped, 50ms);
  EXPECT_EQ(totals.starved, 350ms);
}

/// What a process that is stopped for `pause` in its life says of its stops, in milliseconds.
std::int64_t stopped_ms(std::chrono::milliseconds pause) {
  std::array<int, 2> to_child{};
  std::array<int, 2> from_child{};
  if (pipe(to_child.data()) != 0 || pipe(from_child.data()) != 0) return -1;
  const pid_t child = fork();
  std::int64_t ms = 0;
  if (child == 0) {
    const auto begin = Clock::now();
    const StallWatch watch;
    watch.between(begin, begin);  // its first alarm has rung
    bool done = write(from_child[1], &ms, sizeof ms) == sizeof ms;
    done = done && read(to_child[0], &ms, sizeof ms) == sizeof ms;
    ms = std::chrono::floor<std::chrono::milliseconds>(watch.between(begin, Clock::now()).stopped)
             .count();
    done = done && write(from_child[1], &ms, sizeof ms) == sizeof ms;
    _exit(done ? 0 : 1);
  }
  bool done = read(from_child[0], &ms, sizeof ms) == sizeof ms;
  kill(child, SIGSTOP);
  int status = 0;
  waitpid(child, &status, WUNTRACED);
  std::this_thread::sleep_for(pause);
  kill(child, SIGCONT);
  done = done && write(to_child[1], &ms, sizeof ms) == sizeof ms;
  done = done && read(from_child[0], &ms, sizeof ms) == sizeof ms;
  waitpid(child, &status, 0);
  for (const int end : {to_child[0], to_child[1], from_child[0], from_child[1]}) close(end);
  return done ? ms : -1;
}

TEST(Stalls, AProcessThatIsStoppedNoticesForHowLong) {
  const std::int64_t ms = stopped_ms(400ms);
  EXPECT_GE(ms, 350);
  EXPECT_LE(ms, 800);
}

TEST(Stalls, AProcessThatRunsNoticesNothing) {
  const auto begin = Clock::now();
  const StallWatch watch;
  std::this_thread::sleep_for(200ms);
  const StallTotals totals = watch.between(begin, Clock::now());
  EXPECT_LE(totals.stopped, 150ms);  // a machine may stop as well
  EXPECT_EQ(totals.suspended / 1ms, 0);
}

}  // namespace
}  // namespace enxame::load
