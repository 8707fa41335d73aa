#include "worker/query.h"

#include <gtest/gtest.h>

namespace enxame::worker {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

TEST(ParseQuery, SplitsAndDecodes) {
  EXPECT_EQ(parse_query("?a=1&b=two%20words+and%2Bmore&c&d="),
            (Parameters{{"a", "1"}, {"b", "two words and+more"}, {"c", ""}, {"d", ""}}));
  EXPECT_EQ(parse_query("a=1&&a=2=3"), (Parameters{{"a", "1"}, {"a", "2=3"}}));
  EXPECT_EQ(parse_query(""), Parameters{});
  EXPECT_EQ(parse_query("?"), Parameters{});
}

TEST(ParseQuery, RefusesEscapesThatAreNone) {
  EXPECT_THROW(parse_query("?a=%"), QueryError);
  EXPECT_THROW(parse_query("?a=%4"), QueryError);
  EXPECT_THROW(parse_query("?a=%4g"), QueryError);
  EXPECT_THROW(parse_query("?a=%-1"), QueryError);
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b&c=d/é"), "a%20b%26c%3Dd%2F%C3%A9");
  EXPECT_EQ(parse_query("x=" + percent_encode("+ %&"))[0].second, "+ %&");
}

}  // namespace
}  // namespace enxame::worker
