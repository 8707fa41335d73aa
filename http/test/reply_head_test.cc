#include "http/reply_head.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace enxame::http {
namespace {

TEST(ParseReplyHead, ReadsStatusFieldsAndWhatBecomesOfTheConnection) {
  const ReplyHead reply = parse_reply_head("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n");
  EXPECT_EQ(reply.status, 404);
  EXPECT_TRUE(reply.keep_alive);
  EXPECT_EQ(reply.headers, (Headers{{"A", "b"}}));
  EXPECT_FALSE(
      parse_reply_head("HTTP/1.1 200\r\nConnection: x\r\nConnection: Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(parse_reply_head("HTTP/1.0 200 OK\r\n\r\n").keep_alive);
  EXPECT_TRUE(parse_reply_head("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(ParseReplyHead, RefusesOtherBeginnings) {
  for (const char* line : {"", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 20x OK",
                           "HTTP/1.1 -12 OK", "HTTP/1.1 2000", "HTTP/1.1  200", "HTTP/2.0 200 OK",
                           "HTTP/1.x 200 OK", "HTTP/1.1 099 OK", "SSH-2.0-OpenSSH_9.2"}) {
    EXPECT_THROW(parse_reply_head(std::string(line) + "\r\n\r\n"), std::runtime_error) << line;
  }
}

}  // namespace
}  // namespace enxame::http
