#include "wire/rest.h"

#include <gtest/gtest.h>

#include <string>

namespace enxame::wire::rest {
namespace {

TEST(RestTest, WorkersHaveNamesThatFitAHeaderAndALine) {
  EXPECT_TRUE(is_worker_id("w1"));
  EXPECT_TRUE(is_worker_id(std::string(kMaxWorkerIdBytes, 'w')));
  EXPECT_FALSE(is_worker_id(std::string(kMaxWorkerIdBytes + 1, 'w')));
  for (const char* const id : {"", "a b", "a\tb", "é", "a\n", "\x7f"}) {
    EXPECT_FALSE(is_worker_id(id)) << id;
  }
}

}  // namespace
}  // namespace enxame::wire::rest
