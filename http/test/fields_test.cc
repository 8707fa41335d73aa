#include "http/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enxame::http {
namespace {

int status_of_failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.status();
  }
  return 0;
}

TEST(FindHeadEnd, EndsBehindTheEmptyLine) {
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\r\na: b\r\n\r\nrest"), 24u);
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\r\na: b\r\n\r"), std::nullopt);
  EXPECT_EQ(find_head_end(""), std::nullopt);
}

TEST(FindHeadEnd, RefusesWhatCannotBecomeAHead) {
  const auto status = [](std::string bytes) {
    return status_of_failure([&] { find_head_end(bytes); });
  };
  EXPECT_EQ(status("GET / HTTP/1.1\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\na: b\n"), 400);
  EXPECT_EQ(status(std::string("GET \0/", 6)), 400);
  EXPECT_EQ(status(std::string(kMaxStartLineBytes + 1, 'x')), 414);
  EXPECT_EQ(status("GET / HTTP/1.1\r\na: " + std::string(kMaxHeadBytes, 'x')), 431);
}

TEST(ParseFields, TrimsValuesAndKeepsOrder) {
  Headers fields{{"old", "gone"}, {"older", "gone"}, {"oldest", "gone"}};
  parse_fields("Accept:\t text/html \r\nX-Empty:\r\n\r\n", fields);
  EXPECT_THAT(fields, ::testing::ElementsAre(::testing::Pair("Accept", "text/html"),
                                             ::testing::Pair("X-Empty", "")));
}

TEST(ParseFields, RefusesMalformedLines) {
  Headers fields;
  const auto status = [&](std::string line) {
    return status_of_failure([&] { parse_fields(line + "\r\n\r\n", fields); });
  };
  EXPECT_EQ(status("no colon"), 400);
  EXPECT_EQ(status("space before : colon"), 400);
  EXPECT_EQ(status(" folded: line"), 400);
  EXPECT_EQ(status(": no name"), 400);
  EXPECT_EQ(status("a: carriage\rreturn"), 400);
  EXPECT_EQ(status("a: bell\a"), 400);
  std::string many;
  for (std::size_t i = 0; i <= kMaxFields; ++i) many += "a: b\r\n";
  EXPECT_EQ(status_of_failure([&] { parse_fields(many + "\r\n", fields); }), 431);
}

TEST(ContentLength, IsDigitsGivenOnce) {
  EXPECT_EQ(content_length({}), std::nullopt);
  EXPECT_EQ(content_length({{"content-length", "0"}}), 0u);
  EXPECT_EQ(content_length({{"CONTENT-LENGTH", "42"}}), 42u);
  for (const char* text : {"-5", "+5", "1,0", "5 5", "0x10", "", "5a", "1e3"}) {
    EXPECT_EQ(status_of_failure([&] { content_length({{"Content-Length", text}}); }), 400) << text;
  }
  EXPECT_EQ(status_of_failure([] {
              content_length({{"Content-Length", "5"}, {"content-length", "5"}});
            }),
            400);
  EXPECT_EQ(status_of_failure([] {
              content_length({{"Content-Length", "99999999999999999999999"}});
            }),
            413);
}

TEST(Lists, FindsAnItemOfAListValuedField) {
  EXPECT_TRUE(lists("Upgrade, Close", "close"));
  EXPECT_TRUE(lists("application/octet-stream;q=1, */*", "application/octet-stream"));
  EXPECT_FALSE(lists("closed", "close"));
  EXPECT_FALSE(lists("", "close"));
}

TEST(NamesTag, ComparesWeakly) {
  const auto names = [](std::string_view value) {
    return names_tag({{"Other", "\"t\""}, {"if-none-match", std::string(value)}}, "If-None-Match",
                     "\"t\"");
  };
  for (const char* value : {"\"t\"", "W/\"t\"", "*", " * ", "\"a\",\"t\"", "W/\"a\" , W/\"t\"",
                            "\"a,b\", \"t\"", ", \"a\",, \"t\""}) {
    EXPECT_TRUE(names(value)) << value;
  }
  for (const char* value : {"", "t", "\"T\"", "w/\"t\"", "\"a\"", "\"t", "\"a,\"t\"", "\"a\" \"t\"",
                            "**", "\"a\", *"}) {
    EXPECT_FALSE(names(value)) << value;
  }
  EXPECT_TRUE(names_tag({{"A", "\"x\""}, {"A", "\"t\""}}, "A", "\"t\""));
}

}  // namespace
}  // namespace enxame::http
