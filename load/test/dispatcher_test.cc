#include "load/dispatcher.h"

#include <gtest/gtest.h>

#include <barrier>
#include <future>
#include <optional>
#include <thread>
#include <vector>

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

/// Arrivals every millisecond from `origin` on, of which those of [10 ms, 20 ms) are measured.
Dispatcher every_ms(Clock::time_point origin, std::size_t clients) {
  return {ArrivalSchedule(ArrivalProcess::uniform, 1000, 1), origin,
          Window{.start = origin + 10ms, .end = origin + 20ms}, clients};
}

/// So long ago that all arrivals of a test are overdue.
Clock::time_point long_ago() { return Clock::now() - 1h; }

TEST(Dispatcher, GivesEachArrivalToOneClientInOrderAndNotBeforeItsTime) {
  const auto origin = Clock::now();
  Dispatcher dispatcher = every_ms(origin, 2);
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto arrival = dispatcher.next(i % 2);
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->number, i);
    EXPECT_EQ(arrival->due, origin + i * 1ms);
    EXPECT_GE(Clock::now(), arrival->due);
    EXPECT_TRUE(dispatcher.finish(i % 2));
  }
  EXPECT_EQ(dispatcher.offered(), 10u);
  EXPECT_TRUE(dispatcher.served());
}

TEST(Dispatcher, CountsAsLatenessOnlyWhatAFreeClientOverslept) {
  const auto soon = Clock::now() + 1s;
  Dispatcher awaited = every_ms(soon, 1);
  for (int i = 0; i < 10; ++i) awaited.next(0);
  EXPECT_EQ(awaited.lateness().count(), 0u) << "before the window";
  const auto arrival = awaited.next(0);
  EXPECT_EQ(awaited.lateness().count(), arrival->lateness > 0ns ? 1u : 0u);

  Dispatcher overdue = every_ms(long_ago(), 1);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(overdue.next(0)->lateness, 0ns);
  EXPECT_EQ(overdue.lateness().count(), 0u);
}

// Arrivals overlap until all clients are busy at once, which takes those that were parked.
TEST(Dispatcher, CallsParkedClientsWhenArrivalsNeedThem) {
  constexpr std::size_t kClients = 20;
  Dispatcher dispatcher = every_ms(Clock::now() + 20ms, kClients);
  std::barrier all_at_once(kClients);
  std::vector<std::jthread> clients;
  for (std::size_t client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(dispatcher.next(client));
        all_at_once.arrive_and_wait();
        dispatcher.finish(client);
      }
    });
  }
  clients.clear();
  EXPECT_TRUE(dispatcher.idle());
  EXPECT_EQ(dispatcher.next(0)->number, 3 * kClients);
}

TEST(Dispatcher, SendsHomeWhoWaitsWhenItStops) {
  const auto far = Clock::now() + 1h;
  Dispatcher dispatcher = every_ms(far, 10);
  std::vector<std::future<std::optional<Arrival>>> waiting;
  for (std::size_t client = 0; client < 10; ++client) {
    waiting.push_back(
        std::async(std::launch::async, [&, client] { return dispatcher.next(client); }));
  }
  dispatcher.stop();
  for (auto& one : waiting) EXPECT_FALSE(one.get());
  EXPECT_FALSE(dispatcher.next(0));
  EXPECT_TRUE(dispatcher.abandon_in_flight().empty());
  EXPECT_FALSE(dispatcher.abandoned(0));
}

TEST(Dispatcher, HasServedTheWindowWhenTheLastOfItsArrivalsHasEnded) {
  Dispatcher dispatcher = every_ms(long_ago(), 2);
  for (int i = 0; i < 19; ++i) dispatcher.next(0);
  dispatcher.finish(0);
  EXPECT_TRUE(dispatcher.idle());
  EXPECT_FALSE(dispatcher.served()) << "one has not been taken";
  dispatcher.next(0);
  EXPECT_FALSE(dispatcher.served()) << "it is in flight";
  dispatcher.next(1);
  dispatcher.finish(0);
  EXPECT_TRUE(dispatcher.served()) << "what is in flight came after the window";
  EXPECT_FALSE(dispatcher.idle());
}

TEST(Dispatcher, GivesUpWhatIsInFlight) {
  Dispatcher dispatcher = every_ms(long_ago(), 3);
  dispatcher.next(0);
  dispatcher.next(2);
  dispatcher.finish(0);
  dispatcher.stop();
  const auto unfinished = dispatcher.abandon_in_flight();
  ASSERT_EQ(unfinished.size(), 1u);
  EXPECT_EQ(unfinished[0].client, 2u);
  EXPECT_EQ(unfinished[0].arrival.number, 1u);
  EXPECT_FALSE(dispatcher.abandoned(0));
  EXPECT_TRUE(dispatcher.abandoned(2));
  EXPECT_FALSE(dispatcher.finish(2));
  EXPECT_TRUE(dispatcher.abandon_in_flight().empty()) << "once is enough";
}

TEST(Dispatcher, GivesUpTheOverdueArrivalsOfTheWindowAndNoOthers) {
  const auto origin = long_ago();
  Dispatcher dispatcher = every_ms(origin, 1);
  for (int i = 0; i < 12; ++i) dispatcher.next(0);
  dispatcher.stop();
  std::vector<std::uint64_t> numbers;
  while (const auto one = dispatcher.abandon_overdue(origin + 15ms)) {
    EXPECT_FALSE(one->client);
    numbers.push_back(one->arrival.number);
  }
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{12, 13, 14}));
  while (const auto one = dispatcher.abandon_overdue(Clock::now())) {
    numbers.push_back(one->arrival.number);
  }
  EXPECT_EQ(numbers.back(), 19u);
  EXPECT_EQ(dispatcher.offered(), 10u);
}

}  // namespace
}  // namespace enxame::load
