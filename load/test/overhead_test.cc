#include "load/overhead.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "load/test/samples_file.h"

namespace enxame::load {
namespace {

TEST(Overhead, SaysWhatARequestCostsAndHowMuchThatVaries) {
  const SamplesFile samples;
  const Overhead overhead = measure_overhead(
      {.n = 8, .seed = 1, .repetitions = 5, .requests = 50, .samples = samples.path()});
  EXPECT_EQ(overhead.n, 8u);
  EXPECT_EQ(overhead.repetitions, 5u);
  EXPECT_EQ(overhead.requests, 50u);
  for (const Spread& spread : {overhead.inside, overhead.between, overhead.check, overhead.row}) {
    EXPECT_GT(spread.min_ns, 0);
    EXPECT_LE(spread.min_ns, spread.median_ns);
    EXPECT_LE(spread.median_ns, spread.max_ns);
  }
}

TEST(Overhead, SaysWhereItCannotWriteRows) {
  EXPECT_THROW(
      measure_overhead(
          {.n = 8, .seed = 1, .repetitions = 1, .requests = 1'000, .samples = "/dev/full"}),
      std::runtime_error);
}

}  // namespace
}  // namespace enxame::load
