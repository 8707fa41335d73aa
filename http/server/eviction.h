#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "net/deadline.h"

namespace enxame::http {

/// What a connection does with its place.
enum class Activity {
  idle,          ///< waits for a request
  reading_head,  ///< has a part of one
  reading_body,
  busy,     ///< the server is at work for it, or it is a WebSocket
  evicted,  ///< has lost its place
};

/// Who has a place, and what for.
struct Occupant {
  std::string_view peer;  ///< its address
  Activity activity;
  net::TimePoint since;  ///< when that began; a body that comes on began later, see kBodyStalls
};

/// How long a head may take, and how far a body may fall behind the minimum rate, before the
/// connection's place can be taken.
inline constexpr std::chrono::milliseconds kHeadStalls{250};
inline constexpr std::chrono::milliseconds kBodyStalls{2'000};

/// Whose place a new connection of `newcomer` gets when all are taken: that of a connection that
/// waits for its peer, of the address that has the most places, so that nobody keeps the others
/// out; of these an idle one before one whose request has stalled, and the one that has waited for
/// longest. Nothing when all are busy, or when `newcomer` has more places than any of those: it
/// would take what is another's share.
std::optional<std::size_t> choose_victim(std::span<const Occupant> occupants,
                                         std::string_view newcomer, net::TimePoint now);

}  // namespace enxame::http
