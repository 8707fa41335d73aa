#include "http/authority.h"

#include <gtest/gtest.h>

namespace enxame::http {
namespace {

TEST(ParseAuthority, ReadsHostAndPort) {
  EXPECT_EQ(parse_authority("localhost")->host, "localhost");
  EXPECT_EQ(parse_authority("localhost")->port, std::nullopt);
  EXPECT_EQ(parse_authority("a.example:8080")->port, 8080);
  EXPECT_EQ(parse_authority("a.example:")->host, "a.example");
  EXPECT_EQ(parse_authority("[::1]:80")->host, "[::1]");
  EXPECT_EQ(parse_authority("[::1]:80")->port, 80);
  EXPECT_EQ(parse_authority("a%41_b~!$&'()*+,;=-")->host, "a%41_b~!$&'()*+,;=-");
}

TEST(ParseAuthority, RefusesEverythingElse) {
  for (const char* text : {"",
                           ":80",
                           "a b",
                           "a/b",
                           "user@a",
                           "a:b",
                           "a:65536",
                           "a:-1",
                           "a:+1",
                           "a:80:80",
                           "::1",
                           "[::1",
                           "[::1]x",
                           "[::1]80",
                           "[]",
                           "[127.0.0.1]",
                           "[fe80::1%25eth0]",
                           "a%4",
                           "a%zz",
                           "a\"b",
                           "a<b>",
                           "a,b c",
                           "\xc3\xa9",
                           "a?b",
                           "a#b",
                           "a\\b",
                           "a\tb",
                           "a:99999999999999999999"}) {
    EXPECT_FALSE(parse_authority(text)) << text;
  }
}

TEST(SameHost, LooksPastHowAHostIsWritten) {
  EXPECT_TRUE(same_host("A.Example", "a.example."));
  EXPECT_TRUE(same_host("[::1]", "[0:0:0:0:0:0:0:1]"));
  EXPECT_TRUE(same_host("[2001:DB8::1]", "[2001:db8:0::1]"));
  EXPECT_FALSE(same_host("[::1]", "[::2]"));
  EXPECT_FALSE(same_host("[::1]", "a"));
  EXPECT_FALSE(same_host("a", "a.example"));
}

TEST(IsLoopback, KnowsThisMachinesNames) {
  for (const char* host : {"localhost", "LOCALHOST", "localhost.", "app.localhost", "127.0.0.1",
                           "127.255.0.9", "[::1]", "[0:0::1]"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"", "evil", "localhost.evil.example", "notlocalhost", ".localhost",
                           "127.0.0.1.evil.example", "128.0.0.1", "126.0.0.1", "127.1",
                           "2130706433", "0.0.0.0", "[::]", "::1", "[::2]", "127.0.0.1:80"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(IsAddress, TakesAddressesOnly) {
  EXPECT_TRUE(is_address("10.0.0.7"));
  EXPECT_TRUE(is_address("[2001:db8::1]"));
  for (const char* host :
       {"10.0.0", "10.0.0.256", "10.0.0.07a", "a", "2001:db8::1", "0x7f.0.0.1"}) {
    EXPECT_FALSE(is_address(host)) << host;
  }
}

}  // namespace
}  // namespace enxame::http
