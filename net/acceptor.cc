#include "net/acceptor.h"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "net/listening.h"

namespace enxame::net {

namespace {

// How often the service may look after what it has, at the least.
constexpr int kTickMilliseconds = 5'000;

/// Sessions that have lost their place and have not ended yet.
constexpr std::size_t kMaxEvicted = 64;

/// The address that a peer's share is counted by: of IPv6 its network, of which one machine has
/// all.
std::string name_of_peer(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else {
    in6_addr v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    constexpr std::size_t kNetworkBytes = 8;
    if (!IN6_IS_ADDR_V4MAPPED(&v6) && !IN6_IS_ADDR_LOOPBACK(&v6)) {
      std::fill(std::begin(v6.s6_addr) + kNetworkBytes, std::end(v6.s6_addr), 0);
    }
    inet_ntop(AF_INET6, &v6, text.data(), text.size());
  }
  return text.data();
}

/// Does something with a connection that nobody owns yet; closes it when there is no memory to do
/// so, nor to say so.
template <typename Action>
void or_close(int fd, const Action& action) {
  try {
    action();
  } catch (const std::bad_alloc&) {
    close(fd);
  }
}

Poco::Net::StreamSocket own(int fd) {
  Poco::Net::StreamSocketImpl* socket = nullptr;
  or_close(fd, [&] { socket = new Poco::Net::StreamSocketImpl(fd); });
  if (socket == nullptr) throw std::bad_alloc();
  return Poco::Net::StreamSocket(socket);
}

}  // namespace

std::string reason_of(Refusal refusal, std::size_t max_connections) {
  switch (refusal) {
    case Refusal::full:
      return "all " + std::to_string(max_connections) +
             " connections are taken (--max-connections)";
    case Refusal::no_threads:
      return "no more threads can be started";
    case Refusal::no_descriptors:
      return "no more files can be opened";
    case Refusal::draining:
      return "the program is shutting down";
  }
  throw std::logic_error("no such refusal");
}

/// A session that drain() and evict_for() know of, as long as this lives.
class Acceptor::Enlisted {
 public:
  Enlisted(Acceptor& acceptor, Session& session, bool& was_evicted)
      : acceptor_(acceptor), session_(session), was_evicted_(was_evicted) {
    const std::lock_guard lock(acceptor_.mutex_);
    acceptor_.sessions_.insert(&session_);
    // Those that drain() has found are told; this one came too late for it.
    if (acceptor_.draining_) session_.end_if_idle();
    if (acceptor_.aborting_) session_.abort();
  }
  Enlisted(const Enlisted&) = delete;
  Enlisted& operator=(const Enlisted&) = delete;
  ~Enlisted() {
    const std::lock_guard lock(acceptor_.mutex_);
    acceptor_.sessions_.erase(&session_);
    // Only now can nobody evict it any more.
    was_evicted_ = acceptor_.evicted_.erase(&session_) > 0;
  }

 private:
  Acceptor& acceptor_;
  Session& session_;
  bool& was_evicted_;
};

Acceptor::Acceptor(Options options, Service& service)
    : options_(std::move(options)),
      service_(service),
      listeners_(listen_at(options_.listen, options_.port)),
      port_(listeners_.front().address().port()),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      spare_(open_spare()) {
  for (Poco::Net::ServerSocket& listener : listeners_) listener.setBlocking(false);
}

void Acceptor::start() {
  thread_ = std::thread([this] { accept_until_draining(); });
}

void Acceptor::end() {
  drain(std::chrono::milliseconds(0));
  std::unique_lock lock(mutex_);
  all_gone_.wait(lock, [this] { return serving_ == 0; });
}

bool Acceptor::drain(std::chrono::milliseconds patience) {
  const std::lock_guard only_one(drain_mutex_);
  draining_ = true;
  const std::uint64_t one = 1;
  if (thread_.joinable()) {
    // Fails only when the counter overflows, which one write cannot make it do.
    if (write(wake_.get(), &one, sizeof one) < 0) std::terminate();
    thread_.join();
  }
  std::unique_lock lock(mutex_);
  for (Session* session : sessions_) session->end_if_idle();
  const bool finished = all_gone_.wait_for(lock, patience, [this] { return serving_ == 0; });
  aborting_ = true;
  for (Session* session : sessions_) session->abort();
  return finished;
}

void Acceptor::accept_until_draining() {
  Refusals refusals;
  std::vector<pollfd> waits;
  waits.reserve(1 + listeners_.size() + Refusals::kMost);
  while (!draining_) {
    waits.assign({{wake_.get(), POLLIN, 0}});
    for (const Poco::Net::ServerSocket& listener : listeners_) {
      waits.push_back({listener.impl()->sockfd(), POLLIN, 0});
    }
    refusals.append_to(waits);
    poll(waits.data(), waits.size(), refusals.empty() ? kTickMilliseconds : refusals.timeout_ms());
    accept_pending(refusals);
    refusals.tend();
    service_.look_after();
  }
  // Whoever has connected until now is told; whoever comes later finds the port closed.
  accept_pending(refusals);
  for (Poco::Net::ServerSocket& listener : listeners_) listener.close();
  while (!refusals.empty()) {
    waits.clear();
    refusals.append_to(waits);
    poll(waits.data(), waits.size(), refusals.timeout_ms());
    refusals.tend();
  }
}

void Acceptor::accept_pending(Refusals& refusals) {
  for (const Poco::Net::ServerSocket& listener : listeners_) {
    accept_from(listener.impl()->sockfd(), refusals);
  }
}

void Acceptor::accept_from(int listener, Refusals& refusals) {
  for (;;) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int fd = accept4(listener, reinterpret_cast<sockaddr*>(&address), &length, SOCK_CLOEXEC);
    if (fd >= 0) {
      or_close(fd, [&] { admit(fd, name_of_peer(address), refusals); });
    } else if (errno == EMFILE || errno == ENFILE) {
      refuse_without_descriptor(listener, refusals);
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

/// The spare descriptor makes room to tell one more peer why it is not served.
void Acceptor::refuse_without_descriptor(int listener, Refusals& refusals) {
  spare_.reset(-1);
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) {
    or_close(fd, [&] {
      Refusals at_once;
      at_once.refuse(fd, service_.turn_away(Refusal::no_descriptors, "somebody"));
    });
  }
  refusals.tend();
  spare_.reset(open_spare());
}

void Acceptor::admit(int fd, const std::string& peer, Refusals& refusals) {
  if (draining_) {
    refusals.refuse(fd, service_.turn_away(Refusal::draining, peer));
    return;
  }
  if (!take_place(peer)) {
    refusals.refuse(fd, service_.turn_away(Refusal::full, peer));
    return;
  }
  if (!start_thread(fd, peer)) {
    end_serving(false);
    refusals.refuse(fd, service_.turn_away(Refusal::no_threads, peer));
  }
}

bool Acceptor::take_place(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  if (serving_ - without_place_ >= options_.max_sessions && !evict_for(peer)) return false;
  ++serving_;
  return true;
}

/// Frees the place of a session, if the service names one.
bool Acceptor::evict_for(const std::string& peer) {
  if (without_place_ >= kMaxEvicted) return false;
  std::vector<Session*> sessions;
  sessions.reserve(sessions_.size());
  for (Session* each : sessions_) {
    if (!evicted_.contains(each)) sessions.push_back(each);
  }
  Session* const victim = service_.evict_for(sessions, peer);
  if (victim == nullptr) return false;
  evicted_.insert(victim);
  ++without_place_;
  return true;
}

bool Acceptor::start_thread(int fd, const std::string& peer) {
  try {
    return start_detached([this, fd, peer] { serve(fd, peer); }, options_.stack_bytes);
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void Acceptor::serve(int fd, const std::string& peer) {
  service_.opened();
  bool was_evicted = false;
  try {
    const std::unique_ptr<Session> session = service_.open(Stream(own(fd)), peer);
    const Enlisted enlisted(*this, *session, was_evicted);
    session->serve();
  } catch (const std::exception& error) {
    service_.failed(error, peer);
  }
  // Before the place is given back: the service may go as soon as the last one is.
  service_.closed();
  end_serving(was_evicted);
}

void Acceptor::end_serving(bool was_evicted) {
  // Notified under the lock: whoever waits for the last one may destroy this at once.
  const std::lock_guard lock(mutex_);
  if (was_evicted) --without_place_;
  if (--serving_ == 0) all_gone_.notify_all();
}

}  // namespace enxame::net
