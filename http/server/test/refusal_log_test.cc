#include "http/server/refusal_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace enxame::http {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class RefusalLogTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_;
  RefusalLog log_{[this](std::string_view line) { lines_.emplace_back(line); }};
  net::TimePoint now_{1h};
};

TEST_F(RefusalLogTest, TellsOneRefusalOfEachStatusAtOnce) {
  log_.tell(403, "a page", "10.0.0.7", now_);
  log_.tell(421, "a host", "10.0.0.8", now_);
  EXPECT_THAT(lines_, ElementsAre("http: answered 403 to 10.0.0.7: a page",
                                  "http: answered 421 to 10.0.0.8: a host"));
}

TEST_F(RefusalLogTest, CountsAFlood) {
  for (int i = 0; i < 1'000; ++i) log_.tell(503, "full", "10.0.0.7", now_ + 1s);
  log_.flush(false, now_ + 10s);
  EXPECT_THAT(lines_, ElementsAre("http: answered 503 to 10.0.0.7: full"));
  log_.flush(false, now_ + 11s);
  EXPECT_THAT(lines_,
              ElementsAre("http: answered 503 to 10.0.0.7: full",
                          "http: answered 503 999 more times in 10 s, first to 10.0.0.7: full"));
  log_.flush(true, now_ + 12s);
  EXPECT_EQ(lines_.size(), 2U);
}

TEST_F(RefusalLogTest, SaysTheCountBeforeTheNextOne) {
  log_.tell(503, "full", "a", now_);
  log_.tell(503, "full", "b", now_ + 1s);
  log_.tell(503, "full", "c", now_ + 20s);
  EXPECT_THAT(lines_, ElementsAre("http: answered 503 to a: full",
                                  "http: answered 503 1 more time in 20 s, first to b: full",
                                  "http: answered 503 to c: full"));
}

TEST_F(RefusalLogTest, KeepsEachToItsLine) {
  log_.tell(400, "Host is \"\x1b[2J\r\nfake\"", "a", now_);
  EXPECT_THAT(lines_, ElementsAre("http: answered 400 to a: Host is \"\\x1b[2J\\x0d\\x0a"
                                  "fake\""));
}

}  // namespace
}  // namespace enxame::http
