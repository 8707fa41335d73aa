#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace enxame::worker {

/// The number that `text` is, digits only: "7", not "+7", " 7", "7.0" or "". Nothing when it is
/// none or overflows.
std::optional<std::uint64_t> parse_whole(std::string_view text);

/// `value` with that many digits after the point: 2.50.
std::string fixed(double value, int decimals);

/// A duration for people, to three significant digits and whole milliseconds at most: "0.512 ms",
/// "1435 ms".
std::string milliseconds_in_words(double duration_ms);

/// `value` with that many significant digits, as printf's %g writes it: 0.333333, 1e+20.
std::string significant(double value, int digits);

}  // namespace enxame::worker
