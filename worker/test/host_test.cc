#include "worker/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "worker/backoff.h"
#include "worker/numbers.h"
#include "worker/server_timing.h"

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(HttpAnswer, FindsHeadersInAnyCase) {
  const HttpAnswer answer{.status = 200, .headers = {{"enxame-task", "7"}, {"b", "x"}}, .body = {}};
  EXPECT_EQ(answer.header("Enxame-Task"), "7");
  EXPECT_EQ(answer.header("B"), "x");
  EXPECT_EQ(answer.header("Enxame"), "");
}

TEST(Describe, QuotesTheCoordinatorsReason) {
  const auto words = [](int status, std::string_view body) {
    return describe({.status = status, .headers = {}, .body = body});
  };
  EXPECT_EQ(words(0, "Failed to fetch"), "no answer (Failed to fetch)");
  EXPECT_EQ(words(503, R"({"error":"the store is full"})"), "503 (the store is full)");
  EXPECT_EQ(words(500, R"({"error":7})"), R"(500 ({"error":7}))");
  EXPECT_EQ(words(404, ""), "404");
  EXPECT_EQ(words(500, std::string(10'000, 'x')).size(), 206U);
}

HttpAnswer page(int status, std::string type = "text/html; charset=utf-8") {
  return {.status = status,
          .headers = {{"content-type", std::move(type)}},
          .body = "<html><h1>Bad gateway</h1>"};
}

TEST(Describe, NamesWhoAnsweredInPlaceOfTheCoordinator) {
  EXPECT_EQ(describe(page(502)),
            "the answer is text/html with status 502, from something between here and the "
            "coordinator (a proxy, or another server): it does not reach the coordinator");
  EXPECT_THAT(describe(page(404)), HasSubstr("does not pass this address on"));
  EXPECT_THAT(describe(page(413)), HasSubstr("larger than it passes on"));
  EXPECT_THAT(describe(page(200)), HasSubstr("status 200, from something between"));
  EXPECT_THAT(describe(page(503, "text/plain")), HasSubstr("the answer is text/plain"));
  for (const int status : {200, 302, 403, 404, 500, 502}) {
    EXPECT_TRUE(is_foreign(page(status)));
    EXPECT_THAT(describe(page(status)), Not(HasSubstr("<")));
  }
}

TEST(Describe, KnowsTheCoordinatorsTypes) {
  EXPECT_FALSE(is_foreign(page(200, "application/json")));
  EXPECT_FALSE(is_foreign(page(200, "Application/JSON; charset=utf-8")));
  EXPECT_FALSE(is_foreign(page(200, "application/octet-stream")));
  EXPECT_FALSE(is_foreign({.status = 204, .headers = {}, .body = {}}));
  EXPECT_FALSE(is_foreign({.status = 0, .headers = {}, .body = "Failed to fetch"}));
}

TEST(WhyNotOpened, TellsAProxyFromACoordinatorThatIsAwayOrRefuses) {
  EXPECT_THAT(why_not_opened({.status = 0, .headers = {}, .body = "Failed to fetch"}),
              HasSubstr("no WebSocket could be opened: no answer (Failed to fetch)"));
  EXPECT_THAT(why_not_opened({.status = 403,
                              .headers = {{"Content-Type", "application/json"}},
                              .body = R"({"error":"Origin is http://a, expected …"})"}),
              HasSubstr("403 (Origin is http://a, expected …)"));
  EXPECT_THAT(why_not_opened(page(502)), HasSubstr("it does not reach the coordinator"));
  EXPECT_THAT(why_not_opened({.status = 503, .headers = {}, .body = R"({"error":"full"})"}),
              HasSubstr("503 (full)"));
  for (const int status : {204, 400, 426}) {
    EXPECT_THAT(why_not_opened({.status = status, .headers = {}, .body = {}}),
                HasSubstr("does not pass WebSockets on"));
  }
}

TEST(Words, SayDurations) {
  EXPECT_EQ(to_words(milliseconds(250)), "250 ms");
  EXPECT_EQ(to_words(milliseconds(1500)), "1.5 s");
  EXPECT_EQ(to_words(milliseconds(5000)), "5 s");
}

TEST(Backoff, DoublesUpToItsCapAndStartsAnew) {
  Backoff backoff;
  for (const int expected : {250, 500, 1000, 2000, 4000, 5000, 5000}) {
    EXPECT_EQ(backoff.next(), milliseconds(expected));
  }
  EXPECT_EQ(backoff.failures(), 7);
  backoff.reset();
  EXPECT_EQ(backoff.failures(), 0);
  EXPECT_EQ(backoff.next(), milliseconds(250));
}

TEST(Numbers, ParseDigitsOnly) {
  EXPECT_EQ(parse_whole("0"), 0U);
  EXPECT_EQ(parse_whole("18446744073709551615"), 18446744073709551615U);
  for (const char* text : {"", " 7", "7 ", "+7", "-7", "7.0", "18446744073709551616", "0x7"}) {
    EXPECT_FALSE(parse_whole(text)) << text;
  }
}

TEST(ServerTiming, IsSaidInWords) {
  EXPECT_EQ(server_timing_in_words("queue;dur=0.51234, compute;dur=20, return;dur=1434.6"),
            "queue 0.512 ms, compute 20 ms, return 1435 ms");
  EXPECT_EQ(server_timing_in_words("collect;dur=1, accepted;dur=9, asked;dur=9, finished;dur=9"),
            "collect 1 ms");
  EXPECT_EQ(server_timing_in_words(""), "");
  EXPECT_EQ(server_timing_in_words("queue;dur=soon"), "unreadable");
}

}  // namespace
}  // namespace enxame::worker
