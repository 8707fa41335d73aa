#include "json/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace enxame::json {
namespace {

using ::testing::HasSubstr;

std::string read_string(std::string_view text) {
  Reader json(text);
  std::string value(json.string());
  json.end();
  return value;
}

void skip_all(std::string_view text) {
  Reader json(text);
  json.skip();
  json.end();
}

std::string error_of(std::string_view text) {
  try {
    skip_all(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Reader, PlainStringsAreViewsOfTheInput) {
  const std::string text = R"("[[1,2],[3,4]]")";
  Reader json(text);
  const std::string_view value = json.string();
  EXPECT_EQ(value, "[[1,2],[3,4]]");
  EXPECT_EQ(value.data(), text.data() + 1);
}

TEST(Reader, DecodesEscapes) {
  EXPECT_EQ(read_string(R"("a\"b\\c\/d\n\t\u0041")"), "a\"b\\c/d\n\tA");
  EXPECT_EQ(read_string(R"("\u00e9\u20ac\ud83d\ude00")"), "é€😀");
  EXPECT_EQ(read_string(R"("\\")"), "\\");
}

TEST(Reader, KeepsDecodedStringsWhileItLives) {
  Reader json(R"(["\u0041","\u0042"])");
  std::vector<std::string_view> values;
  json.array([&] { values.push_back(json.string()); });
  EXPECT_EQ(values, (std::vector<std::string_view>{"A", "B"}));
}

TEST(Reader, RefusesStringsThatAreNone) {
  EXPECT_THROW(read_string(R"("open)"), Error);
  EXPECT_THROW(read_string(R"("ends in a backslash\")"), Error);
  EXPECT_THROW(read_string(R"("\x41")"), Error);
  EXPECT_THROW(read_string(R"("\u00g0")"), Error);
  EXPECT_THROW(read_string(R"("\u00)"), Error);
  EXPECT_THROW(read_string(R"("\ud83d")"), Error);
  EXPECT_THROW(read_string(R"("\ud83dA")"), Error);
  EXPECT_THROW(read_string(R"("\ude00")"), Error);
  EXPECT_THROW(read_string("\"a line\nbreak\""), Error);
  EXPECT_THROW(read_string("7"), Error);
}

TEST(Reader, ReadsObjectsInAnyOrderAndSkipsWhatItDoesNotKnow) {
  Reader json(R"( { "x" : [1,{"y":null}] , "taskId" : 7 , "z":"\u0041" } )");
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

TEST(Reader, ReadsWholeNumbersOnly) {
  EXPECT_EQ(Reader("18446744073709551615").whole_number(), 18446744073709551615U);
  for (const char* text : {"18446744073709551616", "-1", "1.5", "1e3", "\"1\"", "", "x"}) {
    EXPECT_THROW(Reader(text).whole_number(), Error) << text;
  }
}

TEST(Reader, SkipsEveryKindOfValue) {
  for (const char* text : {"null", "true", "false", "0", "-0.5e-7", "12E+3", "\"s\"", "[]", "{}",
                           "[1,[2,{\"a\":[]}]]", " [ 1 , 2 ] "}) {
    EXPECT_NO_THROW(skip_all(text)) << text;
  }
}

TEST(Reader, RefusesWhatIsNotUtf8) {
  for (const char* text : {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
                           "\"\xe2\x82\"", "\"\x80\"", "{\"\xff\":1}", "[\"\xff\"]"}) {
    EXPECT_THROW(skip_all(text), Error) << text;
  }
  EXPECT_EQ(read_string("\"é€😀\x7f\""), "é€😀\x7f");
}

TEST(Reader, RefusesAMemberThatComesTwiceHoweverItIsSpelled) {
  for (const char* text : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"\u0061":3})",
                           R"({"\u0061":1,"a":2})", R"({"\/":1,"/":2})", R"({"":1,"":2})",
                           R"([{"x":{"a":1,"a":2}}])", R"({"é":1,"\u00e9":2})"}) {
    EXPECT_THAT(error_of(text), HasSubstr("is repeated")) << text;
  }
  EXPECT_EQ(error_of(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})"), "no error");
}

TEST(Reader, RefusesMoreMembersThanItCompares) {
  const auto with_members = [](std::size_t count) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) {
      text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":0";
    }
    return text + "}";
  };
  EXPECT_EQ(error_of(with_members(Reader::kMaxMembers)), "no error");
  EXPECT_THAT(error_of(with_members(Reader::kMaxMembers + 1)), HasSubstr("more than 64 members"));
}

TEST(Reader, RefusesWhatFollowsTheValueAlsoBehindANul) {
  for (const std::string& text :
       {std::string("{}\0", 3), std::string("{}\0{}", 5), std::string("\0", 1),
        std::string("[1\0,2]", 6), std::string("\"a\0b\"", 5), std::string("{}\xEF\xBB\xBF")}) {
    EXPECT_THROW(skip_all(text), Error) << ::testing::PrintToString(text);
  }
}

TEST(Reader, NamesBytesThatCannotBePrinted) {
  EXPECT_THAT(error_of(std::string("{}\0", 3)), HasSubstr("found byte value 0"));
  EXPECT_THAT(error_of("\xEF\xBB\xBF{}"), HasSubstr("found a byte order mark"));
}

TEST(Reader, TellsWhatStandsNext) {
  const std::vector<std::pair<const char*, Kind>> kinds{
      {" {}", Kind::object}, {"[]", Kind::array},      {"\"\"", Kind::string},
      {"-1", Kind::number},  {"0", Kind::number},      {"true", Kind::boolean},
      {"null", Kind::null},  {"false", Kind::boolean}, {"", Kind::none},
      {"x", Kind::none},     {"+1", Kind::none}};
  for (const auto& [text, kind] : kinds) EXPECT_EQ(Reader(text).next(), kind) << text;
}

TEST(Reader, RefusesWhatIsNoJson) {
  for (const char* text : {"", "nul", "01", "1.", "1e", ".5", "-", "[1,]", "[1 2]", "{\"a\"}",
                           "{\"a\":1,}", "{a:1}", "[", "{", "NaN", "1 2", "[]]"}) {
    EXPECT_THROW(skip_all(text), Error) << text;
  }
}

TEST(Reader, RefusesAMegabyteOfBracketsWithoutRecursingIntoIt) {
  EXPECT_THAT(error_of(std::string(1 << 20, '[')), HasSubstr("64 levels"));
  EXPECT_EQ(error_of(std::string(64, '[') + std::string(64, ']')), "no error");
  EXPECT_THAT(error_of(std::string(65, '[') + std::string(65, ']')), HasSubstr("64 levels"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(error_of(objects), HasSubstr("64 levels"));
}

TEST(Reader, SaysWhereAndWhatWasExpected) {
  EXPECT_EQ(error_of("{\"a\" 1}"), "JSON: expected ':' at byte 5, found '1'");
  EXPECT_EQ(error_of("[1,2"), "JSON: expected ']' at byte 4, found the end");
}

}  // namespace
}  // namespace enxame::json
