#pragma once

#include <cstddef>

namespace enxame {

/// The most bytes that a number takes: "-2.2250738585072014e-308".
inline constexpr std::size_t kLongestNumber = 24;

/// The room that write_number() asks for: it may write behind the number's end.
inline constexpr std::size_t kMaxNumberLength = 32;

/// Writes a finite number at `to`, where kMaxNumberLength bytes have to be, and returns its end.
/// Whole numbers below 2^53 have no fraction and no exponent; other values take the shortest form
/// that reads back to the same value, which is what std::to_chars writes.
template <typename T>
char* write_number(char* to, T value);

}  // namespace enxame
