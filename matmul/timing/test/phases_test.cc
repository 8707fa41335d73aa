#include "matmul/timing/phases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace enxame {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

std::string format(Duration duration) {
  return to_server_timing(std::vector<NamedDuration>{{"x", duration}});
}

Duration parse(const std::string& dur) {
  return duration_of(parse_server_timing("x;dur=" + dur), "x");
}

TEST(ServerTiming, IsMillisecondsWithoutTrailingZeros) {
  EXPECT_EQ(format(0ns), "x;dur=0");
  EXPECT_EQ(format(1ns), "x;dur=0.000001");
  EXPECT_EQ(format(12us), "x;dur=0.012");
  EXPECT_EQ(format(1500us), "x;dur=1.5");
  EXPECT_EQ(format(10ms), "x;dur=10");
  EXPECT_EQ(format(100s + 1ns), "x;dur=100000.000001");
}

TEST(ServerTiming, OfANegativeDurationIsRefused) {
  EXPECT_THAT([] { format(-5ns); },
              ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("x"), HasSubstr("-5 ns"))));
}

TEST(ServerTiming, QuotesTheBeginningOfWhatItRefuses) {
  EXPECT_THAT([] { parse("1" + std::string(10'000, '_')); },
              ThrowsMessage<std::invalid_argument>(
                  AllOf(HasSubstr("\"1___"), HasSubstr("_…\""), SizeIs(::testing::Lt(200U)))));
}

TEST(ServerTiming, KeepsTheOrder) {
  const std::vector<NamedDuration> durations{{"queue", 12us}, {"away", 1500us}};
  EXPECT_EQ(to_server_timing(durations), "queue;dur=0.012, away;dur=1.5");
  EXPECT_EQ(parse_server_timing("queue;dur=0.012, away;dur=1.5"), durations);
}

TEST(ServerTiming, LosesNoNanosecond) {
  for (Duration duration = 1ns; duration < 24h; duration = duration * 3 + 1ns) {
    EXPECT_EQ(duration_of(parse_server_timing(format(duration)), "x"), duration);
  }
}

TEST(ServerTiming, IsReadAsTheStandardAllows) {
  EXPECT_THAT(parse_server_timing(""), IsEmpty());
  EXPECT_THAT(parse_server_timing(" , ,"), IsEmpty());
  EXPECT_THAT(parse_server_timing("miss , db;dur=53\t,cache;desc=\"a, b; \\\" dur=7\" ; DUR = 2.5"),
              ElementsAre(NamedDuration{"miss", 0ns}, NamedDuration{"db", 53ms},
                          NamedDuration{"cache", 2500us}));
  EXPECT_EQ(parse("\"1.5\""), 1500us);
  EXPECT_EQ(parse("1e-3"), 1us);
  EXPECT_EQ(parse("1;dur=2"), 1ms) << "the first parameter of a name counts";
}

TEST(ServerTiming, WithANonsensicalDurationIsRefusedWithIt) {
  for (const char* dur : {"-1", "-0", "nan", "inf", "infinity", "1e999", "9.3e12", "", "abc", "1x",
                          "0x10", "1 2", "\"1", "+1"}) {
    EXPECT_THAT([&] { parse(dur); }, ThrowsMessage<std::invalid_argument>(
                                         HasSubstr("dur is \"" + std::string(dur) + "\"")))
        << dur;
  }
}

TEST(ServerTiming, CutShortAnywhereIsReadOrRefused) {
  const std::string whole = "a;desc=\"b\\\";\";dur=1.5, c;dur=\"2\"";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    try {
      parse_server_timing(std::string_view(whole).substr(0, length));
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), HasSubstr("dur is")) << length;
    }
  }
}

TEST(DurationOf, IsTheFirstOfThatName) {
  const std::vector<NamedDuration> durations{{"a", 1ns}, {"b", 2ns}, {"b", 3ns}};
  EXPECT_EQ(duration_of(durations, "b"), 2ns);
  EXPECT_EQ(duration_of(durations, "c"), 0ns);
}

TEST(WorkerPhases, GoThereAndBack) {
  const WorkerPhases phases{12us, 1500us, 20us};
  EXPECT_EQ(to_server_timing(phases), "decode;dur=0.012, compute;dur=1.5, encode;dur=0.02");
  const WorkerPhases read = parse_worker_phases(to_server_timing(phases));
  EXPECT_EQ(read.decode, 12us);
  EXPECT_EQ(read.compute, 1500us);
  EXPECT_EQ(read.encode, 20us);
  EXPECT_EQ(read.total(), 1532us);
}

TEST(WorkerPhases, PassOverWhatTheyDoNotKnow) {
  const WorkerPhases read = parse_worker_phases("queue;dur=9, compute;dur=2");
  EXPECT_EQ(read.decode, 0ns);
  EXPECT_EQ(read.compute, 2ms);
  EXPECT_EQ(read.encode, 0ns);
}

TEST(WorkerPhases, SayWhenTheTaskCameAndWhenItsProductLeft) {
  const WorkerPhases phases{12us, 1500us, 20us, 400h + 1ns, 400h + 2ms};
  const std::string text = to_server_timing(phases);
  EXPECT_THAT(text, HasSubstr(", received;dur=1440000000.000001, sent;dur=1440000002"));
  const WorkerPhases read = parse_worker_phases(text);
  EXPECT_EQ(read.compute, 1500us);
  EXPECT_EQ(read.sent_at, phases.sent_at);
  EXPECT_EQ(parse_worker_phases("decode;dur=1").received_at, 0ns);
}

TEST(Phases, AddUp) {
  const Phases phases{1ns, 10ns, 100ns, {1us, 10us, 100us}, 1ms, 10ms, 5s};
  EXPECT_EQ(phases.total(), 11'111'111ns) << "without the error of the clocks";
}

}  // namespace
}  // namespace enxame
