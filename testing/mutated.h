#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#ifdef ENXAME_FUZZED
#include "testing/fuzzed.h"
#endif

namespace enxame::testing {

/// Inputs near valid ones, the same in every run: each is a sample that was changed in one to four
/// places (bits, bytes, numbers, tokens, slices repeated, left out or taken from another sample).
///
///   for_each_mutated({R"({"A":"[[1]]"})"}, {"\"A\":", "\\u0041"}, [](const std::string& input) {
///     EXPECT_EQ(accepts(input), oracle_accepts(input));
///   });
class Mutated {
 public:
  static constexpr std::size_t kMaxBytes = 4096;

  /// `tokens` are pieces that mean something in the samples' language.
  Mutated(std::vector<std::string> samples, std::vector<std::string> tokens)
      : samples_(std::move(samples)), tokens_(std::move(tokens)) {}

  std::string next() {
    std::string input = one_of(samples_);
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(input);
    if (input.size() > kMaxBytes) input.resize(kMaxBytes);
    return input;
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  const std::string& one_of(const std::vector<std::string>& from) {
    return from[below(from.size())];
  }

  std::string slice_of(const std::string& from) {
    const std::size_t begin = below(from.size() + 1);
    return from.substr(begin, below(32));
  }

  void change(std::string& input) {
    const std::size_t at = below(input.size() + 1);
    const bool in_bytes = at < input.size();
    switch (below(9)) {
      case 0:
        if (in_bytes) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        return;
      case 1:
        if (in_bytes) input[at] = odd_byte();
        return;
      case 2:
        input.insert(at, 1, odd_byte());
        return;
      case 3:
        input.erase(at, 1 + below(8));
        return;
      case 4:
        input.insert(at, slice_of(input));
        return;
      case 5:
        input.insert(at, slice_of(one_of(samples_)));
        return;
      case 6:
        input.resize(at);
        return;
      case 7:
        if (!tokens_.empty()) input.insert(at, one_of(tokens_));
        return;
      default:
        overwrite_number(input);
    }
  }

  char odd_byte() {
    constexpr std::string_view kOdd(
        "\0\x01\t\n\r \"\\[]{},:;=%&-+.0189eEu/\x7F\x80\xBF\xC0\xED\xEF\xF4\xFF", 37);
    return below(4) == 0 ? static_cast<char>(below(256)) : kOdd[below(kOdd.size())];
  }

  /// Where binary formats have their fields.
  void overwrite_number(std::string& input) {
    constexpr std::array<std::uint64_t, 12> kOdd{0,
                                                 1,
                                                 2,
                                                 63,
                                                 64,
                                                 65,
                                                 0xFFFF,
                                                 std::uint64_t{1} << 28,
                                                 (std::uint64_t{1} << 32) - 1,
                                                 std::uint64_t{1} << 32,
                                                 std::uint64_t{1} << 63,
                                                 ~std::uint64_t{0}};
    if (input.size() < 8) return;
    const std::uint64_t value = kOdd[below(kOdd.size())];
    const std::size_t at = below(input.size() / 8) * 8;
    std::memcpy(input.data() + at, &value, std::array<std::size_t, 3>{2, 4, 8}[below(3)]);
  }

  const std::vector<std::string> samples_;
  const std::vector<std::string> tokens_;
  std::mt19937_64 random_{20'260'101};
};

/// How many inputs a parser is tried with: few in every run of the tests, as many as
/// ENXAME_MUTATED_INPUTS says when a parser has changed.
inline std::size_t mutated_inputs() {
  constexpr std::size_t kDefault = 20'000;
  const char* const wanted = std::getenv("ENXAME_MUTATED_INPUTS");
  return wanted == nullptr ? kDefault : static_cast<std::size_t>(std::atoll(wanted));
}

/// Calls `check` with each input, until one fails: its bytes are then printed. In a fuzz target
/// (enxame_fuzzer of cmake/) libFuzzer makes the inputs, and this does not return.
template <typename Check>
void for_each_mutated(std::vector<std::string> samples, std::vector<std::string> tokens,
                      const Check& check) {
#ifdef ENXAME_FUZZED
  fuzz(samples, tokens, check);
#endif
  Mutated inputs(std::move(samples), std::move(tokens));
  const std::size_t count = mutated_inputs();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string input = inputs.next();
    check(input);
    if (::testing::Test::HasFailure()) {
      GTEST_FAIL() << "mutated input " << i << ": " << ::testing::PrintToString(input);
    }
  }
}

}  // namespace enxame::testing
