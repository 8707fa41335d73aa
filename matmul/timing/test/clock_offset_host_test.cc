// Estimates of a peer that is really there. (A peer needs sockets and a thread, which WebAssembly's
// tests have not.)
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "matmul/timing/clock_offset.h"
#include "matmul/timing/stopwatch.h"

namespace enxame {
namespace {

using namespace std::chrono_literals;

/// A peer at the other end of a socket pair, on a thread and, as on any one host, on the same
/// clock: whatever offset is estimated, the true one is zero.
class PeerOnThisHost {
 public:
  PeerOnThisHost() {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) != 0) throw std::runtime_error("no pair");
    answering_ = std::thread([this] {
      char ask = 0;
      while (read(ends_[1], &ask, 1) == 1) {
        const std::array times{monotonic_now(), monotonic_now()};
        if (write(ends_[1], times.data(), sizeof times) != sizeof times) return;
      }
    });
  }
  ~PeerOnThisHost() {
    shutdown(ends_[0], SHUT_RDWR);
    answering_.join();
    for (const int end : ends_) close(end);
  }
  PeerOnThisHost(const PeerOnThisHost&) = delete;
  PeerOnThisHost& operator=(const PeerOnThisHost&) = delete;

  ClockOffset::Exchange exchange() {
    std::array<Duration, 2> times{};
    const Duration sent = monotonic_now();
    if (write(ends_[0], "?", 1) != 1) throw std::runtime_error("cannot ask");
    if (read(ends_[0], times.data(), sizeof times) != sizeof times) {
      throw std::runtime_error("no answer");
    }
    return {sent, times[0], times[1], monotonic_now()};
  }

 private:
  std::array<int, 2> ends_{};
  std::thread answering_;
};

// The interval is no confidence interval: it holds the offset always, or the estimate is wrong.
TEST(ClockOffsetHostTest, HoldsTheTrueOffsetOfAPeerOnThisHostAlways) {
  constexpr int kEstimators = 50;
  constexpr int kExchanges = 40;
  PeerOnThisHost peer;
  int held = 0;
  std::vector<double> biases;
  for (int i = 0; i < kEstimators; ++i) {
    ClockOffset clock;
    ClockOffset::Estimate last{};
    for (int exchange = 0; exchange < kExchanges; ++exchange) {
      const ClockOffset::Estimate estimate = clock.observe(peer.exchange());
      if (std::chrono::abs(estimate.offset) <= estimate.error) ++held;
      EXPECT_TRUE(exchange == 0 || estimate.error <= last.error);
      last = estimate;
    }
    biases.push_back(static_cast<double>(last.offset.count()) /
                     static_cast<double>(std::max<Duration>(last.error, 1ns).count()));
  }
  EXPECT_EQ(held, kEstimators * kExchanges);
  std::ranges::sort(biases);
  // Of the error: how far the middle lies from the truth, for whoever reads the log.
  RecordProperty("median_bias", std::to_string(biases[biases.size() / 2]));
}

}  // namespace
}  // namespace enxame
