#include "http/server/eviction.h"

#include <tuple>
#include <unordered_map>

namespace enxame::http {

namespace {

bool may_be_evicted(const Occupant& occupant, net::TimePoint now) {
  switch (occupant.activity) {
    case Activity::idle:
      return true;
    case Activity::reading_head:
      return now - occupant.since >= kHeadStalls;
    case Activity::reading_body:
      return now - occupant.since >= kBodyStalls;
    case Activity::busy:
    case Activity::evicted:
      break;
  }
  return false;
}

}  // namespace

std::optional<std::size_t> choose_victim(std::span<const Occupant> occupants,
                                         std::string_view newcomer, net::TimePoint now) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (const Occupant& occupant : occupants) ++places[occupant.peer];

  std::optional<std::size_t> best;
  const auto rank = [&](const Occupant& occupant) {
    return std::tuple(places[occupant.peer], occupant.activity == Activity::idle,
                      now - occupant.since);
  };
  for (std::size_t i = 0; i < occupants.size(); ++i) {
    if (!may_be_evicted(occupants[i], now)) continue;
    if (!best || rank(occupants[i]) > rank(occupants[*best])) best = i;
  }
  if (best && places[occupants[*best].peer] < places[newcomer]) return std::nullopt;
  return best;
}

}  // namespace enxame::http
