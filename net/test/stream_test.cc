#include "net/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <string>

#include "net/test/connected.h"
#include "testing/eventually.h"

namespace enxame::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TimePoint in(std::chrono::milliseconds time) { return Clock::now() + time; }

TEST(Stream, ReceivesWhatIsThereIntoItsPieces) {
  Connected connected;
  connected.far.sendBytes("abcde", 5);
  std::array<char, 2> first{};
  std::array<char, 10> second{};
  const std::array<iovec, 2> pieces{{{first.data(), first.size()}, {second.data(), second.size()}}};
  std::size_t received = 0;
  while (received < 5) {
    const auto some = connected.near.receive(pieces, in(10s));
    ASSERT_TRUE(some);
    received += *some;
  }
  EXPECT_EQ(std::string(first.data(), 2) + std::string(second.data(), 3), "abcde");
}

TEST(Stream, WaitsForAllThatThereIsRoomFor) {
  Connected connected;
  std::array<char, 4> room{};
  const std::array<iovec, 1> piece{{{room.data(), room.size()}}};
  auto received = std::async(std::launch::async, [&] {
    return connected.near.receive(piece, in(10s), Stream::Fill::all);
  });
  connected.far.sendBytes("ab", 2);
  EXPECT_EQ(received.wait_for(20ms), std::future_status::timeout);
  connected.far.sendBytes("cd", 2);
  EXPECT_EQ(received.get(), 4U);
}

TEST(Stream, ReceivesNothingUntilTheDeadline) {
  Connected connected;
  std::array<char, 4> room{};
  const std::array<iovec, 1> piece{{{room.data(), room.size()}}};
  const TimePoint deadline = in(50ms);
  EXPECT_EQ(connected.near.receive(piece, deadline), std::nullopt);
  EXPECT_GE(Clock::now(), deadline);
  EXPECT_EQ(connected.near.receive(piece, deadline), std::nullopt);  // nor when it has passed
  EXPECT_THROW(connected.near.read(room.data(), room.size(), deadline), TimedOut);
}

TEST(Stream, ReceivesForAsLongAsItTakesWithoutADeadline) {
  Connected connected;
  std::array<char, 4> room{};
  const std::array<iovec, 1> piece{{{room.data(), room.size()}}};
  EXPECT_EQ(connected.near.receive(piece, in(10ms)), std::nullopt);
  auto received =
      std::async(std::launch::async, [&] { return connected.near.receive(piece, kNever); });
  EXPECT_EQ(received.wait_for(50ms), std::future_status::timeout);
  connected.far.sendBytes("a", 1);
  EXPECT_EQ(received.get(), 1U);
}

TEST(Stream, SaysWhatEndsAConnection) {
  Connected connected;
  std::array<char, 4> room{};
  connected.far.close();
  EXPECT_EQ(connected.near.read(room.data(), room.size(), in(10s)), 0U);
  EXPECT_THAT(
      [] {
        Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
        const std::uint16_t port = listener.address().port();
        listener.close();
        Stream::connect("127.0.0.1", port, 10s);
      },
      ThrowsMessage<ConnectionError>("Connection refused"));
}

TEST(Stream, GivesUpAWriteThatAFixedDeadlineEndsHoweverItMoves) {
  Connected connected;
  const std::string large(std::size_t{64} << 20, 'x');
  std::atomic<bool> over = false;
  std::thread reader([&] {
    std::array<char, 1024> read;
    while (!over && connected.far.receiveBytes(read.data(), read.size()) > 0)
      std::this_thread::sleep_for(1ms);
  });
  const auto began = Clock::now();
  EXPECT_THROW(connected.near.write(large, Deadline(in(300ms))), TimedOut);
  EXPECT_LT(Clock::now() - began, 5s);
  over = true;
  connected.near.shut_down();
  reader.join();
}

TEST(Stream, SeesThatThePeerIsThereWhenItReceivesNoMore) {
  Connected connected;
  connected.near.end_reading();
  EXPECT_TRUE(connected.near.peer_connected());
  connected.far.shutdownSend();
  eventually([&] { return !connected.near.peer_connected(); });
}

}  // namespace
}  // namespace enxame::net
