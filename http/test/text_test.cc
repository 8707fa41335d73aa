#include "http/text.h"

#include <gtest/gtest.h>

namespace enxame::http {
namespace {

TEST(IsUtf8, IsWhatTheStandardSays) {
  for (const char* text :
       {"", "a", "\u00e9", "\u20ac", "\U0001F600", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  // A lone continuation, a cut character, overlong forms, a surrogate, beyond U+10FFFF.
  for (const char* text :
       {"\x80", "a\xc3", "\xe2\x82", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xf0\x80\x80\x80",
        "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xc3("}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(LogText, IsOneLineThatTheTerminalDoesNotObey) {
  EXPECT_EQ(log_text("plain \u00e9"), "plain \u00e9");
  EXPECT_EQ(log_text(std::string_view("a\r\nb\0\x1b[31m\x7f\\", 12)),
            "a\\x0d\\x0ab\\x00\\x1b[31m\\x7f\\x5c");
  EXPECT_EQ(log_text("\xff\xc2\x9b"), "\\xff\\xc2\\x9b");
  EXPECT_EQ(log_text("abcdef", 3), "abc…");
}

}  // namespace
}  // namespace enxame::http
