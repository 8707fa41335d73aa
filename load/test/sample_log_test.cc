#include "load/sample_log.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "load/sample_row.h"
#include "load/test/samples_file.h"

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

Sample sample_of_everything(Clock::time_point origin) {
  Sample sample{.stage = Stage::tail,
                .client = 3,
                .start = origin + 1'234'567'890ns,
                .response = 100ms,
                .backlog = 7'000'001ns,
                .lateness = 42ns};
  sample.phases = {.submit = 1ms,
                   .queue = 2ms,
                   .dispatch = 3ms,
                   .worker = {.decode = 4ms, .compute = 80ms, .encode = 5ms},
                   .return_trip = 7ms,
                   .collect = 6ms,
                   .clock_error = 15us};
  sample.worker = "w1";
  return sample;
}

TEST(SampleRow, HasEveryColumn) {
  const auto origin = Clock::now();
  EXPECT_EQ(sample_row(sample_of_everything(origin), origin),
            "tail,3,1234.568,100,7,0.000042,1,2,3,4,80,5,7,6,0.015,w1,ok,\n");
}

TEST(SampleRow, HasFiveDigitsOfTimesAndNoMoreThanTheClock) {
  const auto origin = Clock::now();
  const auto written = [&](Duration response) {
    Sample sample = sample_of_everything(origin);
    sample.response = response;
    const std::string row = sample_row(sample, origin);
    const std::size_t begin = row.find("1234.568,") + 9;
    return row.substr(begin, row.find(',', begin) - begin);
  };
  EXPECT_EQ(written(0ns), "0");
  EXPECT_EQ(written(1ns), "0.000001");
  EXPECT_EQ(written(99'999ns), "0.099999");
  EXPECT_EQ(written(123'454ns), "0.12345");
  EXPECT_EQ(written(123'455ns), "0.12346");
  EXPECT_EQ(written(999'995ns), "1");
  EXPECT_EQ(written(12'345'678ns), "12.346");
  EXPECT_EQ(written(30'000'049'999ns), "30000");
  EXPECT_EQ(written(-123'456'789ns), "-123.46");
  EXPECT_EQ(written(3'600s), "3600000");
}

TEST(SampleRow, HasInstantsToTheMicrosecond) {
  const auto origin = Clock::now();
  const auto starts = [&](Duration since) {
    Sample sample = sample_of_everything(origin);
    sample.start = origin + since;
    return sample_row(sample, origin).substr(0, 20);
  };
  EXPECT_TRUE(starts(86'400s + 1'499ns).starts_with("tail,3,86400000.001,"));
  EXPECT_TRUE(starts(-400ns).starts_with("tail,3,0,"));
  EXPECT_TRUE(starts(-1'600ns).starts_with("tail,3,-0.002,"));
}

TEST(SampleRow, HasAsManyColumnsAsTheHeader) {
  const auto origin = Clock::now();
  const std::string row = "0," + sample_row(sample_of_everything(origin), origin);
  EXPECT_EQ(std::ranges::count(row, ','), std::ranges::count(kSampleHeader, ','));
}

TEST(SampleRow, QuotesWhatNeedsIt) {
  const auto origin = Clock::now();
  Sample sample = sample_of_everything(origin);
  sample.outcome = Outcome::error;
  sample.error = "a \"b\", c\nd";
  const std::string row = sample_row(sample, origin);
  EXPECT_NE(row.find(",w1,error,\"a \"\"b\"\", c\nd\"\n"), std::string::npos) << row;
}

TEST(SampleLog, KeepsRowsOfManyThreadsWholeAndNumbered) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kRows = 5'000;  // of about 150 bytes: several buffers
  const SamplesFile file;
  const auto origin = Clock::now();
  {
    SampleLog log(file.path());
    std::vector<std::jthread> threads;
    for (std::size_t client = 0; client < kThreads; ++client) {
      threads.emplace_back([&, client] {
        Sample sample = sample_of_everything(origin);
        sample.client = client;
        for (std::size_t i = 0; i < kRows; ++i) log.append(sample, origin);
      });
    }
    log.flush();
  }
  const auto lines = file.lines();
  ASSERT_EQ(lines.size(), 1 + kThreads * kRows);
  for (std::size_t i = 0; i < kThreads * kRows; ++i) {
    ASSERT_TRUE(lines[i + 1].starts_with(std::to_string(i) + ",tail,")) << lines[i + 1];
    ASSERT_TRUE(lines[i + 1].ends_with(",w1,ok,")) << lines[i + 1];
  }
  for (std::size_t client = 0; client < kThreads; ++client) {
    EXPECT_EQ(file.lines_with(",tail," + std::to_string(client) + ","), kRows);
  }
}

TEST(SampleLog, SaysWhichFileItCannotWrite) {
  EXPECT_THROW(SampleLog("/no/such/folder/samples.csv"), std::runtime_error);
  SampleLog full("/dev/full");
  try {
    full.flush();
    FAIL() << "/dev/full took it";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "cannot write samples to /dev/full");
  }
}

}  // namespace
}  // namespace enxame::load
