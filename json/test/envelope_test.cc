#include "json/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enxame {
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
        R"({"\u0041":"[[1]]","B":"\u005b[2]]"})", R"({"A":"wrong","A":"[[1]]","B":"[[2]]"})"}) {
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
  EXPECT_THAT(failure_of(R"({"A":[[1]]})", "A"), HasSubstr("\"A\" is no string"));
  EXPECT_THAT(failure_of(R"({"A":12})", "A"), HasSubstr("\"A\" is no string"));
  EXPECT_THAT(failure_of("[]", "A"), HasSubstr("no object"));
  EXPECT_THAT(failure_of("\"A\"", "A"), HasSubstr("no object"));
  EXPECT_THAT(failure_of("null", "A"), HasSubstr("no object"));
}

TEST(Envelope, RefusesWhatIsNotJson) {
  for (const std::string_view json :
       {"", "x", "{", R"({"A")", R"({"A":})", R"({"A":"x")", R"({"A":"x"}y)", R"({"A":"x",})",
        R"({'A':'x'})", R"({"A":"x" "B":"y"})", R"({"A":007,"B":"x"})", R"({"A":1x})",
        R"({"A":"\x"})", R"({"A":"\ud800"})"}) {
    EXPECT_THAT(failure_of(json, "A"), HasSubstr("not JSON")) << json;
  }
  EXPECT_THAT(failure_of("{\"A\":\"a\nb\"}", "A"), HasSubstr("not JSON"));
  EXPECT_THAT(failure_of("{\"A\":\"\xff\"}", "A"), HasSubstr("not JSON"));
}

TEST(Envelope, BearsDepthWidthAndLength) {
  EXPECT_THAT(failure_of(std::string(1'000'000, '['), "A"), HasSubstr("no object"));
  EXPECT_THAT(failure_of("{\"A\":" + std::string(1'000'000, '['), "A"), HasSubstr("not JSON"));
  std::string wide = "{";
  for (int i = 0; i < 1000; ++i) wide += "\"m" + std::to_string(i) + "\":\"\",";
  EXPECT_THAT(failure_of(wide + "\"A\":\"\"}", "A"), HasSubstr("more than 64 members"));
  const std::string broken = "{\"A\":\"" + std::string(1'000'000, 'x') + "\n\"}";
  EXPECT_LT(failure_of(broken, "A").size(), 1000u);
}

}  // namespace
}  // namespace enxame
