#include "json/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace enxame {
namespace {

using ::testing::HasSubstr;

std::string read_string(std::string_view text) {
  JsonReader json(text);
  std::string value(json.string());
  json.end();
  return value;
}

void skip_all(std::string_view text) {
  JsonReader json(text);
  json.skip();
  json.end();
}

std::string error_of(std::string_view text) {
  try {
    skip_all(text);
  } catch (const JsonError& error) {
    return error.what();
  }
  return "no error";
}

TEST(JsonReader, PlainStringsAreViewsOfTheInput) {
  const std::string text = R"("[[1,2],[3,4]]")";
  JsonReader json(text);
  const std::string_view value = json.string();
  EXPECT_EQ(value, "[[1,2],[3,4]]");
  EXPECT_EQ(value.data(), text.data() + 1);
}

TEST(JsonReader, DecodesEscapes) {
  EXPECT_EQ(read_string(R"("a\"b\\c\/d\n\t\u0041")"), "a\"b\\c/d\n\tA");
  EXPECT_EQ(read_string(R"("\u00e9\u20ac\ud83d\ude00")"), "é€😀");
  EXPECT_EQ(read_string(R"("\\")"), "\\");
}

TEST(JsonReader, KeepsDecodedStringsWhileItLives) {
  JsonReader json(R"(["\u0041","\u0042"])");
  std::vector<std::string_view> values;
  json.array([&] { values.push_back(json.string()); });
  EXPECT_EQ(values, (std::vector<std::string_view>{"A", "B"}));
}

TEST(JsonReader, RefusesStringsThatAreNone) {
  EXPECT_THROW(read_string(R"("open)"), JsonError);
  EXPECT_THROW(read_string(R"("ends in a backslash\")"), JsonError);
  EXPECT_THROW(read_string(R"("\x41")"), JsonError);
  EXPECT_THROW(read_string(R"("\u00g0")"), JsonError);
  EXPECT_THROW(read_string(R"("\u00)"), JsonError);
  EXPECT_THROW(read_string(R"("\ud83d")"), JsonError);
  EXPECT_THROW(read_string(R"("\ud83dA")"), JsonError);
  EXPECT_THROW(read_string(R"("\ude00")"), JsonError);
  EXPECT_THROW(read_string("\"a line\nbreak\""), JsonError);
  EXPECT_THROW(read_string("7"), JsonError);
}

TEST(JsonReader, ReadsObjectsInAnyOrderAndSkipsWhatItDoesNotKnow) {
  JsonReader json(R"( { "x" : [1,{"y":null}] , "taskId" : 7 , "z":"\u0041" } )");
  std::uint64_t id = 0;
  json.object([&](std::string_view key) {
    if (key == "taskId") {
      id = json.whole_number();
    } else {
      json.skip();
    }
  });
  json.end();
  EXPECT_EQ(id, 7U);
}

TEST(JsonReader, ReadsWholeNumbersOnly) {
  EXPECT_EQ(JsonReader("18446744073709551615").whole_number(), 18446744073709551615U);
  for (const char* text : {"18446744073709551616", "-1", "1.5", "1e3", "\"1\"", "", "x"}) {
    EXPECT_THROW(JsonReader(text).whole_number(), JsonError) << text;
  }
}

TEST(JsonReader, SkipsEveryKindOfValue) {
  for (const char* text : {"null", "true", "false", "0", "-0.5e-7", "12E+3", "\"s\"", "[]", "{}",
                           "[1,[2,{\"a\":[]}]]", " [ 1 , 2 ] "}) {
    EXPECT_NO_THROW(skip_all(text)) << text;
  }
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  for (const char* text : {"", "nul", "01", "1.", "1e", ".5", "-", "[1,]", "[1 2]", "{\"a\"}",
                           "{\"a\":1,}", "{a:1}", "[", "{", "NaN", "1 2", "[]]"}) {
    EXPECT_THROW(skip_all(text), JsonError) << text;
  }
}

TEST(JsonReader, RefusesAMegabyteOfBracketsWithoutRecursingIntoIt) {
  EXPECT_THAT(error_of(std::string(1 << 20, '[')), HasSubstr("64 levels"));
}

TEST(JsonReader, SaysWhereAndWhatWasExpected) {
  EXPECT_EQ(error_of("{\"a\" 1}"), "JSON: expected ':' at byte 5, found '1'");
  EXPECT_EQ(error_of("[1,2"), "JSON: expected ']' at byte 4, found the end");
}

}  // namespace
}  // namespace enxame
