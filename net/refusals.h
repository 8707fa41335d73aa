#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>
#include <vector>

namespace enxame::net {

/// Connections that were told in one answer why they are not served, and that stay open a moment
/// longer so that the answer arrives (see Stream::linger()). One thread looks after all of them,
/// between its other waits.
class Refusals {
 public:
  /// How many there are at a time; beyond it the oldest is ended.
  static constexpr std::size_t kMost = 64;

  Refusals() = default;
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;
  ~Refusals();

  /// Sends `answer` on `fd`, a connection just accepted, without waiting; then owns it.
  void refuse(int fd, std::string_view answer);

  /// Appends what to wait for.
  void append_to(std::vector<pollfd>& waits) const;

  /// Reads and discards what has come; closes the connections whose peer is done or whose time is
  /// up.
  void tend();

  bool empty() const { return refused_.empty(); }

  /// Milliseconds until the oldest one's time is up, as poll() takes it; -1 when there is none.
  int timeout_ms() const;

 private:
  struct Refused {
    int fd;
    std::chrono::steady_clock::time_point deadline;
    std::size_t discarded;
  };

  void close_oldest();

  std::deque<Refused> refused_;
};

}  // namespace enxame::net
