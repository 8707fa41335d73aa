#include "matmul/number_text.h"

#include <dragonbox/dragonbox.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace enxame {
namespace {

/// The numbers below 1000 as text, so that the shortest ones take no branch for each digit.
struct SmallNumber {
  std::array<char, 3> digits;
  std::uint8_t length;
};

constexpr auto kSmallNumbers = [] {
  std::array<SmallNumber, 1000> numbers{};
  for (unsigned i = 0; i < numbers.size(); ++i) {
    SmallNumber& number = numbers[i];
    for (unsigned power = 100; power > 0; power /= 10) {
      if (i < power && power > 1) continue;
      number.digits[number.length++] = static_cast<char>('0' + i / power % 10);
    }
  }
  return numbers;
}();

/// "00", "01", … "99".
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (unsigned i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

constexpr auto kPowersOfTen = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = 10 * powers[i - 1];
  return powers;
}();

/// How many digits a number above 0 has: from its bits, 1233 / 4096 being about log10(2).
int count_digits(std::uint64_t value) {
  const int guess = static_cast<int>(std::bit_width(value)) * 1233 >> 12;
  return guess + (value >= kPowersOfTen[static_cast<std::size_t>(guess)]);
}

void put_pair(char* to, std::uint32_t value) { std::memcpy(to, &kPairs[2 * value], 2); }

/// Writes the `count` digits of `value`, as many as it has.
void put_digits(char* to, std::uint64_t value, int count) {
  constexpr std::uint32_t kEightDigits = 100'000'000;
  while (count > 8) {
    auto low = static_cast<std::uint32_t>(value % kEightDigits);
    value /= kEightDigits;
    count -= 8;
    for (int pair = 6; pair >= 0; pair -= 2) {
      put_pair(to + count + pair, low % 100);
      low /= 100;
    }
  }
  auto rest = static_cast<std::uint32_t>(value);
  while (count >= 2) {
    count -= 2;
    put_pair(to + count, rest % 100);
    rest /= 100;
  }
  if (count == 1) *to = static_cast<char>('0' + rest);
}

char* write_whole(char* to, std::int64_t value) {
  *to = '-';
  to += value < 0;
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  if (magnitude >= kSmallNumbers.size()) {
    const int count = count_digits(magnitude);
    put_digits(to, magnitude, count);
    return to + count;
  }
  const SmallNumber& number = kSmallNumbers[static_cast<std::size_t>(magnitude)];
  std::memcpy(to, number.digits.data(), number.digits.size());
  return to + number.length;
}

/// digits · 10^exponent, a number that is not whole, as "0.00ddd" or "dd.d".
char* write_fixed(char* to, std::uint64_t digits, int count, int exponent) {
  const int before_point = count + exponent;
  if (before_point > 0) {
    put_digits(to + 1, digits, count);
    std::memmove(to, to + 1, static_cast<std::size_t>(before_point));
    to[before_point] = '.';
    return to + count + 1;
  }
  std::memset(to, '0', static_cast<std::size_t>(2 - before_point));
  to[1] = '.';
  to += 2 - before_point;
  put_digits(to, digits, count);
  return to + count;
}

/// digits · 10^exponent as "de-dd" or "d.ddde-dd", with two digits of the exponent at least.
char* write_scientific(char* to, std::uint64_t digits, int count, int exponent) {
  put_digits(to + 1, digits, count);
  to[0] = to[1];
  to[1] = '.';
  to += count == 1 ? 1 : count + 1;
  const auto negated = static_cast<std::uint32_t>(-(exponent + count - 1));
  std::memcpy(to, "e-", 2);
  to += 2;
  if (negated >= 100) *to++ = static_cast<char>('0' + negated / 100);
  put_pair(to, negated % 100);
  return to + 2;
}

/// A number that is not whole.
template <typename T>
char* write_fraction(char* to, T value) {
  const auto decimal = jkj::dragonbox::to_decimal(value);
  *to = '-';
  to += decimal.is_negative;
  const int count = count_digits(decimal.significand);
  // Where both are of the same length, std::to_chars takes the fixed form.
  const bool fixed_is_longer = decimal.exponent < -(count + 3) + (count == 1);
  return fixed_is_longer ? write_scientific(to, decimal.significand, count, decimal.exponent)
                         : write_fixed(to, decimal.significand, count, decimal.exponent);
}

}  // namespace

template <typename T>
char* write_number(char* to, T value) {
  constexpr T kWholeLimit = T{std::int64_t{1} << 53};
  if (!(std::abs(value) < kWholeLimit)) return std::to_chars(to, to + kMaxNumberLength, value).ptr;
  const auto whole = static_cast<std::int64_t>(value);
  if (static_cast<T>(whole) != value) return write_fraction(to, value);
  if (whole == 0 && std::signbit(value)) return std::to_chars(to, to + kMaxNumberLength, value).ptr;
  return write_whole(to, whole);
}

template char* write_number(char*, double);
template char* write_number(char*, float);

}  // namespace enxame
