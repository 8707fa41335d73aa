#include "net/listening.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace enxame::net {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

TEST(ListenOn, NamesTheAddressThatIsTaken) {
  const Poco::Net::ServerSocket first = listen_on("127.0.0.1", 0);
  const std::uint16_t port = first.address().port();
  EXPECT_THAT([&] { listen_on("127.0.0.1", port); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(port))));
}

TEST(ListenAt, IsOneAddressUnlessItIsLocalhost) {
  for (const char* address : {"127.0.0.1", "::1", "[::1]"}) {
    EXPECT_THAT(listen_at(address, 0), SizeIs(1)) << address;
  }
  const auto both = listen_at("localhost", 0);
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_EQ(both[0].address().host().toString(), "127.0.0.1");
  EXPECT_EQ(both[1].address().host().toString(), "::1");
  EXPECT_EQ(both[0].address().port(), both[1].address().port());
}

TEST(ListenAt, NamesTheOneOfBothThatIsTaken) {
  const Poco::Net::ServerSocket other = listen_on("::1", 0);
  const std::uint16_t port = other.address().port();
  EXPECT_THAT(
      [&] { listen_at("localhost", port); },
      ThrowsMessage<std::runtime_error>(HasSubstr("cannot listen on ::1:" + std::to_string(port))));
}

// The address is of a network for documentation (RFC 5737), which no machine has.
TEST(ListenOnEach, LeavesOutAnAddressThatTheMachineDoesNotHave) {
  const std::array<std::string, 2> addresses{"127.0.0.1", "192.0.2.1"};
  EXPECT_THAT(listen_on_each(addresses, 0), SizeIs(1));
  const std::array<std::string, 1> missing{"192.0.2.1"};
  EXPECT_THROW(listen_on_each(missing, 0), std::runtime_error);
}

// The same address twice is taken, whatever the port is.
TEST(ListenOnEach, ComesToAnEndOfTryingOtherPorts) {
  const std::array<std::string, 2> twice{"127.0.0.1", "127.0.0.1"};
  EXPECT_THAT([&] { listen_on_each(twice, 0); },
              ThrowsMessage<std::runtime_error>(HasSubstr("cannot listen on 127.0.0.1:")));
}

TEST(IsForThisMachine, IsLoopbackOnly) {
  for (const char* host :
       {"localhost", "127.0.0.1", "127.255.0.9", "::1", "[::1]", "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(is_for_this_machine(host)) << host;
  }
  for (const char* host :
       {"0.0.0.0", "::", "[::]", "10.0.0.7", "128.0.0.1", "::2", "fe80::1", "::ffff:127.0.0.1",
        "a.localhost", "localhost.example", "example.org", ""}) {
    EXPECT_FALSE(is_for_this_machine(host)) << host;
  }
}

}  // namespace
}  // namespace enxame::net
