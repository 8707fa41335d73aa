#include "native-baseline/rpc/worker_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace enxame::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(WorkerAddressTest, ReadsBackAsItWasWritten) {
  for (const char* text : {"127.0.0.1:7001", "worker-3.example:1", "[::1]:65535"}) {
    EXPECT_EQ(to_string(parse_worker_address(text)), text);
  }
  EXPECT_EQ(parse_worker_address("[::1]:80").host, "::1");
}

TEST(WorkerAddressTest, RefusesEverythingElse) {
  for (const char* text :
       {"", ":", "host", "host:", ":80", "host:0", "host:65536", "host:-1", "host:8x", "host: 80",
        "::1:80", "[]:80", "[::1:80", "a b:80", "h:80,"}) {
    EXPECT_THAT([&] { parse_worker_address(text); },
                ThrowsMessage<std::invalid_argument>(HasSubstr("is not HOST:PORT")))
        << text;
  }
}

}  // namespace
}  // namespace enxame::rpc
