#include "net/refusals.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace enxame::net {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{1'000};
constexpr std::size_t kMaxDiscardedBytes = std::size_t{1} << 20;

}  // namespace

Refusals::~Refusals() {
  while (!refused_.empty()) close_oldest();
}

void Refusals::refuse(int fd, std::string_view answer) {
  if (refused_.size() == kMost) close_oldest();
  // The send buffer of a new connection is empty: a short answer fits or the peer is gone.
  const ssize_t sent = send(fd, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  shutdown(fd, sent < 0 ? SHUT_RDWR : SHUT_WR);
  refused_.push_back({fd, Clock::now() + kPatience, 0});
}

void Refusals::append_to(std::vector<pollfd>& waits) const {
  for (const Refused& each : refused_) waits.push_back({each.fd, POLLIN, 0});
}

void Refusals::tend() {
  const auto now = Clock::now();
  std::array<char, 16 * 1024> discarded;
  std::erase_if(refused_, [&](Refused& each) {
    const ssize_t received = recv(each.fd, discarded.data(), discarded.size(), MSG_DONTWAIT);
    if (received > 0) each.discarded += static_cast<std::size_t>(received);
    const bool waiting = received < 0 && (errno == EAGAIN || errno == EINTR);
    const bool over = received == 0 || (received < 0 && !waiting) || now >= each.deadline ||
                      each.discarded > kMaxDiscardedBytes;
    if (over) close(each.fd);
    return over;
  });
}

int Refusals::timeout_ms() const {
  if (refused_.empty()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(refused_.front().deadline - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kPatience.count()));
}

void Refusals::close_oldest() {
  close(refused_.front().fd);
  refused_.pop_front();
}

}  // namespace enxame::net
