#include "worker/numbers.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace enxame::worker {
namespace {

/// printf for one number; a double in full takes at most 309 digits before the point.
std::string print(const char* format, int precision, double value) {
  std::array<char, 400> text;
  const int length = std::snprintf(text.data(), text.size(), format, precision, value);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::optional<std::uint64_t> parse_whole(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

std::string significant(double value, int digits) { return print("%.*g", digits, value); }

std::string fixed(double value, int decimals) { return print("%.*f", decimals, value); }

std::string milliseconds_in_words(double duration_ms) {
  return (duration_ms < 1000 ? significant(duration_ms, 3) : fixed(duration_ms, 0)) + " ms";
}

}  // namespace enxame::worker
