#include "http/response_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace enxame::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string head_of(const Response& response, const Framing& framing = {}) {
  std::string head = "left over";
  write_response_head(response, framing, {"Common: yes\r\n", "More: yes\r\n"}, head);
  return head;
}

TEST(WriteResponseHead, SaysStatusLengthTypeAndDate) {
  Response response;
  response.body = "{}";
  response.headers = {{"Enxame-Task", "7"}};
  const std::string head = head_of(response);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << head;
  EXPECT_THAT(head, HasSubstr("\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nEnxame-Task: 7\r\nCommon: yes\r\nMore: yes\r\n\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Connection")));
  EXPECT_THAT(head,
              ::testing::ContainsRegex("Date: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} "
                                       "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r\n"));
}

TEST(WriteResponseHead, LeavesLengthAndTypeOutOf204) {
  Response response;
  response.status = 204;
  EXPECT_THAT(head_of(response), Not(HasSubstr("Content-")));
}

TEST(WriteResponseHead, TellsEachVersionWhatBecomesOfTheConnection) {
  Framing framing;
  framing.keep_alive = false;
  EXPECT_THAT(head_of({}, framing), HasSubstr("Connection: close\r\n"));
  framing = {.is_http_1_0 = true};
  EXPECT_THAT(head_of({}, framing), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(WriteResponseHead, RefusesFieldsThatWouldEndTheLine) {
  Response response;
  response.headers = {{"Enxame-Worker", "w1\r\nSet-Cookie: x"}};
  EXPECT_THROW(head_of(response), std::invalid_argument);
  response.headers = {{"not a token", "x"}};
  EXPECT_THROW(head_of(response), std::invalid_argument);
}

TEST(ToResponse, EscapesTheMessageAsJson) {
  EXPECT_EQ(to_response(Error(404, "no \"x\"\n")).body, R"({"error":"no \"x\"\n"})");
  EXPECT_EQ(to_response(Error(400, "byte \xff")).body, "{\"error\":\"byte \xEF\xBF\xBD\"}");
  EXPECT_EQ(to_response(Error(404, "x")).status, 404);
}

}  // namespace
}  // namespace enxame::http
