#pragma once

#include <string>
#include <string_view>

namespace enxame::worker {

/// A Server-Timing header (W3C Server Timing) for people: "queue;dur=0.51234, compute;dur=20" is
/// "queue 0.512 ms, compute 20 ms"; readings of the coordinator's clock, which say nothing to them,
/// are left out. "unreadable" when it is no such header: timings are shown, nothing rests on them.
std::string server_timing_in_words(std::string_view header);

}  // namespace enxame::worker
