#include "json/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enxame::json {
namespace {

using testing::HasSubstr;

std::string failure_of(std::string_view json, std::string_view member) {
  try {
    Envelope(json).text(member);
  } catch (const EnvelopeError& error) {
    return error.what();
  }
  return "no failure";
}

TEST(Envelope, ReadsStringsInAnyOrderAndSpacing) {
  for (const std::string_view json :
       {R"({"A":"[[1]]","B":"[[2]]"})", R"({"B":"[[2]]","A":"[[1]]"})",
        " {\r\n\t\"A\" : \"[[1]]\" , \"B\" : \"[[2]]\" } \n", R"({"n":12,"A":"[[1]]","B":"[[2]]"})",
        R"({"n":-1.5e3,"A":"[[1]]","B":"[[2]]"})",
        R"({"x":{"A":"no","y":[1,["A"]]},"A":"[[1]]","z":null,"B":"[[2]]","t":true})",
        R"({"\u0041":"[[1]]","B":"\u005b[2]]"})"}) {
    const Envelope envelope(json);
    EXPECT_EQ(envelope.text("A"), "[[1]]") << json;
    EXPECT_EQ(envelope.text("B"), "[[2]]") << json;
  }
}

TEST(Envelope, UndoesEscapes) {
  EXPECT_EQ(Envelope(R"({"a":"tab\tquote\"slash\/\\ \u00e9"})").text("a"),
            "tab\tquote\"slash/\\ \xc3\xa9");
}

TEST(Envelope, DoesNotCopyPlainStrings) {
  const std::string json = R"({"A":"[[1]]"})";
  const Envelope envelope(json);
  EXPECT_EQ(envelope.text("A").data(), json.data() + 6);
}

TEST(Envelope, SaysWhichMemberIsWrong) {
  EXPECT_THAT(failure_of("{}", "A"), HasSubstr("\"A\" is missing"));
  EXPECT_THAT(failure_of(R"({"A":12})", "A"), HasSubstr("\"A\" is a number, expected a string"));
  EXPECT_THAT(failure_of(R"({"A":null})", "A"), HasSubstr("\"A\" is null, expected a string"));
  EXPECT_THAT(failure_of(R"({"A":{"A":""}})", "A"), HasSubstr("\"A\" is an object"));
}

TEST(Envelope, SaysWhatToSendInPlaceOfAnArray) {
  EXPECT_EQ(failure_of(R"({"A":[[1,2]],"B":[[3]]})", "A"),
            "the member \"A\" is an array, expected a string: put it in quotes, as in "
            "\"A\":\"[[1,2],[3,4]]\"");
}

TEST(Envelope, SaysWhatTheBodyIsInPlaceOfAnObject) {
  const std::string expected = R"(JSON: expected an object such as {"name":"text"}, found )";
  EXPECT_EQ(failure_of("", "A"), expected + "nothing");
  EXPECT_EQ(failure_of(" \n", "A"), expected + "nothing");
  EXPECT_EQ(failure_of("[]", "A"), expected + "an array");
  EXPECT_EQ(failure_of("\"A\"", "A"), expected + "a string");
  EXPECT_EQ(failure_of("null", "A"), expected + "null");
  EXPECT_THAT(failure_of("\xEF\xBB\xBF{}", "A"), HasSubstr("found a byte order mark"));
}

TEST(Envelope, RefusesMembersThatComeTwice) {
  for (const std::string_view json :
       {R"({"A":"[[1]]","A":"[[2]]"})", R"({"A":"[[1]]","B":"","\u0041":"[[2]]"})",
        R"({"A":"[[1]]","x":{"y":1,"y":2}})"}) {
    EXPECT_THAT(failure_of(json, "A"), HasSubstr("is repeated")) << json;
  }
}

TEST(Envelope, RefusesWhatFollowsTheObject) {
  const std::string object = R"({"A":"[[1]]"})";
  for (const std::string& tail : {std::string(1, '\0'), std::string("\0{\"A\":\"[[2]]\"}", 14),
                                  std::string("x"), object, std::string("\x1a")}) {
    EXPECT_THAT(failure_of(object + tail, "A"), HasSubstr("expected nothing more at byte 13"));
  }
}

TEST(Envelope, RefusesWhatIsNotJson) {
  for (const std::string_view json :
       {"x", "{", R"({"A")", R"({"A":})", R"({"A":"x")", R"({"A":"x",})", R"({'A':'x'})",
        R"({"A":"x" "B":"y"})", R"({"A":007,"B":"x"})", R"({"A":1x})", R"({"A":"\x"})",
        R"({"A":"\ud800"})", "{\"A\":\"a\nb\"}", "{\"A\":\"\xff\"}"}) {
    EXPECT_THAT(failure_of(json, "A"), HasSubstr("JSON: expected")) << json;
  }
}

TEST(Envelope, BearsDepthWidthAndLength) {
  EXPECT_THAT(failure_of(std::string(1'000'000, '['), "A"), HasSubstr("found an array"));
  EXPECT_THAT(failure_of("{\"A\":" + std::string(1'000'000, '['), "A"), HasSubstr("64 levels"));
  EXPECT_THAT(failure_of("{\"n\":" + std::string(1'000'000, '9') + "}", "A"),
              HasSubstr("\"A\" is missing"));
  std::string wide = "{";
  for (int i = 0; i < 1000; ++i) wide += "\"m" + std::to_string(i) + "\":\"\",";
  EXPECT_THAT(failure_of(wide + "\"A\":\"\"}", "A"), HasSubstr("more than 64 members"));
  const std::string broken = "{\"A\":\"" + std::string(1'000'000, 'x') + "\n\"}";
  EXPECT_LT(failure_of(broken, "A").size(), 1000U);
  const std::string name(1'000'000, 'n');
  EXPECT_LT(failure_of("{\"" + name + "\":1,\"" + name + "\":1}", "A").size(), 1000U);
}

}  // namespace
}  // namespace enxame::json
