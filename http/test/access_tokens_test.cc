#include "http/access_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/test/token_file.h"

namespace enxame::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

const std::string kFirst = "0123456789abcdef";
const std::string kSecond = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~xyz";

TEST(AccessToken, IsOfCharactersThatNeedNoQuoting) {
  EXPECT_TRUE(is_access_token(kFirst));
  EXPECT_TRUE(is_access_token(kSecond));
  EXPECT_TRUE(is_access_token(std::string(256, 'a')));
  EXPECT_FALSE(is_access_token(std::string(15, 'a')));
  EXPECT_FALSE(is_access_token(std::string(257, 'a')));
  for (const char c : std::string_view("+/= ,;:\"%\\\t\n\x7f\xc3\0", 15)) {
    EXPECT_FALSE(is_access_token(kFirst + c)) << static_cast<int>(c);
  }
}

TEST(AccessTokens, AreOneALineWithOrWithoutAName) {
  const TokenFile file("# those of the lab\n\n" + kFirst + "\n  Ana's laptop :  " + kSecond +
                       " \r\n\t# none\n" + kFirst + "2");
  EXPECT_THAT(read_access_tokens(file.path()), ElementsAre(kFirst, kSecond, kFirst + "2"));
}

TEST(AccessTokens, OfAFileThatIsOpenToEverybodyAreRefused) {
  for (const auto& [mode, text] :
       std::vector<std::pair<int, std::string>>{{0644, "0644"}, {0604, "0604"}, {0602, "0602"}}) {
    const TokenFile file(kFirst, static_cast<std::filesystem::perms>(mode));
    EXPECT_THAT([&] { read_access_tokens(file.path()); },
                ThrowsMessage<std::runtime_error>(
                    AllOf(HasSubstr(file.path()), HasSubstr("open to everybody by mode " + text),
                          HasSubstr("expected 0600 or 0640"))));
  }
  for (const int mode : {0600, 0400, 0640}) {
    const TokenFile file(kFirst, static_cast<std::filesystem::perms>(mode));
    EXPECT_THAT(read_access_tokens(file.path()), ElementsAre(kFirst)) << mode;
  }
}

TEST(AccessTokens, AreNotQuotedWhereTheyAreWrong) {
  const TokenFile file(kFirst + "\nname: secret!but.this.is.no.token\n");
  EXPECT_THAT([&] { read_access_tokens(file.path()); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("line 2 of " + file.path()),
                                                      HasSubstr(kAccessTokenRule),
                                                      Not(HasSubstr("secret")))));
}

TEST(AccessTokens, AreMissedByName) {
  const TokenFile empty("# nothing\n\n");
  EXPECT_THAT([&] { read_access_tokens(empty.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("there is no token in " + empty.path())));
  EXPECT_THAT([] { read_access_tokens("/nowhere/at/all"); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("/nowhere/at/all"), HasSubstr("No such file"))));
}

TEST(AccessTokens, OfAClientAreOne) {
  EXPECT_EQ(read_access_token(TokenFile("me: " + kFirst).path()), kFirst);
  const TokenFile two(kFirst + "\n" + kSecond);
  EXPECT_THAT([&] { read_access_token(two.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("there are 2 tokens in " + two.path())));
}

}  // namespace
}  // namespace enxame::http
