#include "http/server/eviction.h"

#include <gtest/gtest.h>

#include <vector>

namespace enxame::http {
namespace {

using std::chrono::milliseconds;

const net::TimePoint kNow{std::chrono::hours(1)};

Occupant occupant(std::string_view peer, Activity activity, int for_ms) {
  return {peer, activity, kNow - milliseconds(for_ms)};
}

std::optional<std::size_t> choose(const std::vector<Occupant>& occupants,
                                  std::string_view newcomer = "new") {
  return choose_victim(occupants, newcomer, kNow);
}

TEST(ChooseVictim, TakesTheIdlest) {
  EXPECT_EQ(choose({occupant("a", Activity::idle, 5), occupant("a", Activity::idle, 9),
                    occupant("a", Activity::idle, 7)}),
            1U);
}

TEST(ChooseVictim, TakesItFromWhoHasMost) {
  EXPECT_EQ(choose({occupant("a", Activity::idle, 9'000), occupant("b", Activity::busy, 0),
                    occupant("b", Activity::idle, 1)}),
            2U);
}

TEST(ChooseVictim, TakesAStalledRequestAfterIdleOnes) {
  EXPECT_EQ(
      choose({occupant("a", Activity::reading_head, 9'000), occupant("a", Activity::idle, 1)}), 1U);
  EXPECT_EQ(
      choose({occupant("a", Activity::busy, 9'000), occupant("a", Activity::reading_head, 300),
              occupant("a", Activity::reading_head, 100)}),
      1U);
  EXPECT_EQ(choose({occupant("a", Activity::reading_body, 300)}), std::nullopt);
  EXPECT_EQ(choose({occupant("a", Activity::reading_body, 3'000)}), 0U);
}

TEST(ChooseVictim, LeavesWhoIsBusyAlone) {
  EXPECT_EQ(choose({}), std::nullopt);
  EXPECT_EQ(choose({occupant("a", Activity::busy, 9'000), occupant("b", Activity::evicted, 9'000)}),
            std::nullopt);
}

TEST(ChooseVictim, DoesNotServeWhoHasMoreThanItsShare) {
  const std::vector<Occupant> occupants{occupant("a", Activity::busy, 1),
                                        occupant("a", Activity::busy, 1),
                                        occupant("b", Activity::idle, 9'000)};
  EXPECT_EQ(choose(occupants, "a"), std::nullopt);
  EXPECT_EQ(choose(occupants, "b"), 2U);
  EXPECT_EQ(choose(occupants, "c"), 2U);
}

}  // namespace
}  // namespace enxame::http
