#include "http/server/server.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <unordered_set>

#include "http/authority.h"
#include "http/fields.h"
#include "http/response_head.h"
#include "http/server/connection.h"
#include "http/server/eviction.h"
#include "http/server/refusals.h"
#include "http/text.h"
#include "net/memory.h"
#include "net/system.h"

namespace enxame::http {

namespace {

constexpr int kBacklog = 1024;

// How often the log is asked whether it has counted something, at the least.
constexpr int kLogTickMilliseconds = 5'000;

/// Connections that have lost their place and have not ended yet.
constexpr std::size_t kMaxEvicted = 64;

Poco::Net::ServerSocket listen_at(const ServerOptions& options) {
  const std::string address = options.listen + ":" + std::to_string(options.port);
  try {
    Poco::Net::ServerSocket listener;
    listener.bind(Poco::Net::SocketAddress(without_brackets(options.listen), options.port), true,
                  false);
    listener.listen(kBacklog);
    listener.setBlocking(false);
    return listener;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("cannot listen on " + address + ": " + error.displayText());
  }
}

std::string refusal(const std::string& reason, std::string_view common_lines) {
  Response response = to_response(Error(503, reason));
  Framing framing;
  framing.keep_alive = false;
  std::string answer;
  write_response_head(response, framing, {common_lines}, answer);
  return answer + response.body;
}

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

}  // namespace

std::size_t default_in_flight_bytes() {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  // Whole MiB read better; the least is what a body of any use needs.
  return std::max(net::memory_allowed_bytes() / 8 / kMiB * kMiB, kMiB);
}

std::string_view Request::header(std::string_view name) const { return find_field(headers, name); }

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

class Server::Impl {
 public:
  Impl(ServerOptions options, Handler handler)
      : context_(std::move(options), std::move(handler)),
        listener_((net::allow_descriptors(context_.options.max_connections),
                   listen_at(context_.options))),
        port_(listener_.address().port()),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        spare_(net::open_spare()) {
    context_.wake_fd = wake_.get();
    acceptor_ = std::thread([this] { accept_until_draining(); });
  }

  ~Impl() {
    drain(std::chrono::milliseconds(0));
    std::unique_lock lock(mutex_);
    all_gone_.wait(lock, [this] { return serving_ == 0; });
    context_.refusals.flush(true);
  }

  std::uint16_t port() const { return port_; }

  bool drain(std::chrono::milliseconds patience) {
    const std::lock_guard only_one(drain_mutex_);
    context_.draining = true;
    const std::uint64_t one = 1;
    if (acceptor_.joinable()) {
      // Fails only when the counter overflows, which one write cannot make it do.
      if (write(wake_.get(), &one, sizeof one) < 0) std::terminate();
      acceptor_.join();
    }
    std::unique_lock lock(mutex_);
    for (Connection* connection : connections_) connection->end_if_idle();
    const bool finished = all_gone_.wait_for(lock, patience, [this] { return serving_ == 0; });
    for (Connection* connection : connections_) connection->abort();
    return finished;
  }

 private:
  void accept_until_draining() {
    Refusals refusals;
    std::vector<pollfd> waits;
    waits.reserve(2 + Refusals::kMost);
    while (!context_.draining) {
      waits.assign({{wake_.get(), POLLIN, 0}, {listener_.impl()->sockfd(), POLLIN, 0}});
      refusals.append_to(waits);
      const int timeout_ms = refusals.empty() ? kLogTickMilliseconds : refusals.timeout_ms();
      poll(waits.data(), waits.size(), timeout_ms);
      accept_pending(refusals);
      refusals.tend();
      context_.refusals.flush();
    }
    // Whoever has connected until now is told; whoever comes later finds the port closed.
    accept_pending(refusals);
    listener_.close();
    while (!refusals.empty()) {
      waits.clear();
      refusals.append_to(waits);
      poll(waits.data(), waits.size(), refusals.timeout_ms());
      refusals.tend();
    }
  }

  void accept_pending(Refusals& refusals) {
    for (;;) {
      sockaddr_storage address{};
      socklen_t length = sizeof address;
      const int fd = accept4(listener_.impl()->sockfd(), reinterpret_cast<sockaddr*>(&address),
                             &length, SOCK_CLOEXEC);
      if (fd >= 0) {
        or_close(fd, [&] { admit(fd, name_of_peer(address), refusals); });
      } else if (errno == EMFILE || errno == ENFILE) {
        refuse_without_descriptor(refusals);
        return;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return;
      }
    }
  }

  /// Does something with a connection that nobody owns yet; closes it when there is no memory to
  /// do so, nor to say so.
  template <typename Action>
  static void or_close(int fd, const Action& action) {
    try {
      action();
    } catch (const std::bad_alloc&) {
      close(fd);
    }
  }

  /// The spare descriptor makes room to tell one more peer why it is not served.
  void refuse_without_descriptor(Refusals& refusals) {
    spare_.reset(-1);
    const int fd = accept4(listener_.impl()->sockfd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      or_close(fd, [&] {
        Refusals at_once;
        turn_away(fd, "somebody", "no more files can be opened", at_once);
      });
    }
    refusals.tend();
    spare_.reset(net::open_spare());
  }

  void admit(int fd, const std::string& peer, Refusals& refusals) {
    if (context_.draining) {
      turn_away(fd, peer, "the server is shutting down", refusals);
      return;
    }
    if (!take_place(peer)) {
      turn_away(fd, peer,
                "all " + std::to_string(context_.options.max_connections) +
                    " connections are taken (--max-connections)",
                refusals);
      return;
    }
    if (!start(fd, peer)) {
      end_serving(false);
      turn_away(fd, peer, "no more threads can be started", refusals);
    }
  }

  bool start(int fd, const std::string& peer) {
    try {
      return net::start_detached([this, fd, peer] { serve(fd, peer); });
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  void turn_away(int fd, const std::string& peer, const std::string& reason, Refusals& refusals) {
    refusals.refuse(fd, refusal(reason, context_.common_lines));
    context_.refusals.tell(503, reason, peer);
    if (observer() != nullptr) observer()->turned_away();
  }

  ServerObserver* observer() const { return context_.options.observer; }

  bool take_place(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    if (serving_ - evicted_ >= context_.options.max_connections && !evict_for(peer)) return false;
    ++serving_;
    return true;
  }

  /// Frees the place of a connection that does nothing.
  bool evict_for(const std::string& peer) {
    if (evicted_ >= kMaxEvicted) return false;
    std::vector<Connection*> connections(connections_.begin(), connections_.end());
    std::vector<Occupant> occupants;
    occupants.reserve(connections.size());
    for (const Connection* each : connections) occupants.push_back(each->occupant());
    // One that begins to be busy at this moment keeps its place; then the next best is asked.
    while (const auto victim = choose_victim(occupants, peer, std::chrono::steady_clock::now())) {
      if (connections[*victim]->evict()) {
        ++evicted_;
        return true;
      }
      occupants[*victim].activity = Activity::busy;
    }
    return false;
  }

  void end_serving(bool was_evicted) {
    // Notified under the lock: whoever waits for the last one may destroy this at once.
    const std::lock_guard lock(mutex_);
    if (was_evicted) --evicted_;
    if (--serving_ == 0) all_gone_.notify_all();
  }

  /// A connection that drain() and evict_for() know of, as long as this lives.
  class Enlisted {
   public:
    Enlisted(Impl& impl, Connection& connection, bool& was_evicted)
        : impl_(impl), connection_(connection), was_evicted_(was_evicted) {
      const std::lock_guard lock(impl_.mutex_);
      impl_.connections_.insert(&connection_);
    }
    Enlisted(const Enlisted&) = delete;
    Enlisted& operator=(const Enlisted&) = delete;
    ~Enlisted() {
      const std::lock_guard lock(impl_.mutex_);
      impl_.connections_.erase(&connection_);
      // Only now can nobody evict it any more.
      was_evicted_ = connection_.occupant().activity == Activity::evicted;
    }

   private:
    Impl& impl_;
    Connection& connection_;
    bool& was_evicted_;
  };

  static Poco::Net::StreamSocket own(int fd) {
    Poco::Net::StreamSocketImpl* socket = nullptr;
    or_close(fd, [&] { socket = new Poco::Net::StreamSocketImpl(fd); });
    if (socket == nullptr) throw std::bad_alloc();
    return Poco::Net::StreamSocket(socket);
  }

  void serve(int fd, const std::string& peer) {
    if (observer() != nullptr) observer()->opened();
    bool was_evicted = false;
    try {
      Connection connection(net::Stream(own(fd)), peer, context_);
      const Enlisted enlisted(*this, connection, was_evicted);
      connection.serve();
    } catch (const std::exception& error) {
      context_.refusals.tell(500, error.what(), peer);
    }
    // Before the place is given back: the observer may go as soon as the last one is.
    if (observer() != nullptr) observer()->closed();
    end_serving(was_evicted);
  }

  ServerContext context_;
  Poco::Net::ServerSocket listener_;
  std::uint16_t port_;
  net::Descriptor wake_;
  net::Descriptor spare_;  // given up for a moment when there is no other descriptor left
  std::thread acceptor_;
  std::mutex drain_mutex_;
  std::mutex mutex_;
  std::condition_variable all_gone_;
  std::size_t serving_ = 0;  // threads; the evicted ones among them have no place any more
  std::size_t evicted_ = 0;
  std::unordered_set<Connection*> connections_;
};

Server::Server(ServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }

bool Server::drain(std::chrono::milliseconds patience) { return impl_->drain(patience); }

}  // namespace enxame::http
