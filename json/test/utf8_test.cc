#include "json/utf8.h"

#include <gtest/gtest.h>

namespace enxame::json {
namespace {

TEST(Utf8, LengthAgreesWithWhatIsAppendedForEveryCodePoint) {
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::string bytes;
    append_utf8(bytes, point);
    ASSERT_EQ(utf8_length(bytes), bytes.size()) << point;
    ASSERT_EQ(utf8_length(bytes + "\x80"), bytes.size()) << point;
    ASSERT_EQ(utf8_length(bytes.substr(0, bytes.size() - 1)), 0U) << point;
  }
}

TEST(Utf8, EveryTwoBytesThatAreNotACharacterAreRefused) {
  for (unsigned first = 0x80; first < 0x100; ++first) {
    for (unsigned second = 0; second < 0x100; ++second) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
      const bool is_character = first >= 0xC2 && first < 0xE0 && second >= 0x80 && second < 0xC0;
      ASSERT_EQ(utf8_length(bytes), is_character ? 2U : 0U) << first << ' ' << second;
    }
  }
}

TEST(Utf8, SurrogatesOverlongFormsAndWhatIsBeyondUnicodeAreRefused) {
  for (const char* bytes : {"\xED\xA0\x80", "\xED\xBF\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x28\xA1"}) {
    EXPECT_EQ(utf8_length(bytes), 0U) << bytes;
  }
}

TEST(Utf8, APrefixIsCutBetweenCharacters) {
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("a\u20ac", 3), "a");
  EXPECT_EQ(utf8_prefix("a\u20ac", 4), "a\u20ac");
}

TEST(Utf8, WhatIsQuotedIsCutBetweenCharactersAndHasNoControls) {
  EXPECT_EQ(quotable("short", 5), "short");
  EXPECT_EQ(quotable("longer", 5), "longe…");
  EXPECT_EQ(quotable("€€", 4), "€…");
  EXPECT_EQ(quotable("€", 1), "…");
  EXPECT_EQ(quotable(std::string("a\0b\n\x7F", 5)), "a?b??");
}

}  // namespace
}  // namespace enxame::json
