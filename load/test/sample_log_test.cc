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

TEST(SampleRow, HasEveryColumnExactToTheNanosecond) {
  const auto origin = Clock::now();
  EXPECT_EQ(sample_row(sample_of_everything(origin), origin),
            "tail,3,1234.567890,100.000000,7.000001,0.000042,1.000000,2.000000,3.000000,4.000000,"
            "80.000000,5.000000,7.000000,6.000000,0.015000,w1,ok,\n");
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
