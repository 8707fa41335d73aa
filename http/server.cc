#include "http/server.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <iostream>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "http/connection.h"
#include "http/fields.h"
#include "http/refusals.h"
#include "http/response_head.h"
#include "http/system.h"

namespace enxame::http {

namespace {

constexpr int kBacklog = 1024;

Poco::Net::ServerSocket listen_at(const ServerOptions& options) {
  const std::string address = options.listen + ":" + std::to_string(options.port);
  try {
    Poco::Net::ServerSocket listener;
    listener.bind(Poco::Net::SocketAddress(options.listen, options.port), true, false);
    listener.listen(kBacklog);
    listener.setBlocking(false);
    return listener;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("cannot listen on " + address + ": " + error.displayText());
  }
}

std::string refusal(const std::string& reason, std::string_view common_lines) {
  Response response = to_response(Error(503, reason));
  response.headers.emplace_back("Retry-After", "1");
  Framing framing;
  framing.keep_alive = false;
  std::string answer;
  write_response_head(response, framing, common_lines, answer);
  return answer + response.body;
}

}  // namespace

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
      : listener_((allow_descriptors(options.max_connections), listen_at(options))),
        port_(listener_.address().port()),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        spare_(open_spare()) {
    context_.common_lines = to_field_lines(options.common_headers);
    context_.options = std::move(options);
    context_.handler = std::move(handler);
    context_.wake_fd = wake_.get();
    acceptor_ = std::thread([this] { accept_until_draining(); });
  }

  ~Impl() {
    drain(std::chrono::milliseconds(0));
    std::unique_lock lock(mutex_);
    all_gone_.wait(lock, [this] { return places_taken_ == 0; });
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
    const bool finished = all_gone_.wait_for(lock, patience, [this] { return places_taken_ == 0; });
    for (Connection* connection : connections_) connection->abort();
    return finished;
  }

 private:
  void accept_until_draining() {
    Refusals refusals;
    std::vector<pollfd> waits;
    while (!context_.draining) {
      waits.assign({{wake_.get(), POLLIN, 0}, {listener_.impl()->sockfd(), POLLIN, 0}});
      refusals.append_to(waits);
      poll(waits.data(), waits.size(), refusals.timeout_ms());
      accept_pending(refusals);
      refusals.tend();
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
      const int fd = accept4(listener_.impl()->sockfd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) {
        admit(fd, refusals);
      } else if (errno == EMFILE || errno == ENFILE) {
        refuse_without_descriptor(refusals);
        return;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return;
      }
    }
  }

  /// The spare descriptor makes room to tell one more peer why it is not served.
  void refuse_without_descriptor(Refusals& refusals) {
    spare_.reset(-1);
    const int fd = accept4(listener_.impl()->sockfd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      Refusals at_once;
      turn_away(fd, "no more files can be opened", at_once);
    }
    refusals.tend();
    spare_.reset(open_spare());
  }

  void admit(int fd, Refusals& refusals) {
    if (context_.draining) {
      turn_away(fd, "the server is shutting down", refusals);
      return;
    }
    if (!take_place()) {
      turn_away(
          fd, "all " + std::to_string(context_.options.max_connections) + " connections are taken",
          refusals);
      return;
    }
    if (!start_detached([this, fd] { serve(fd); })) {
      give_place_back();
      turn_away(fd, "no more threads can be started", refusals);
    }
  }

  void turn_away(int fd, const std::string& reason, Refusals& refusals) {
    refusals.refuse(fd, refusal(reason, context_.common_lines));
    if (observer() != nullptr) observer()->turned_away();
  }

  ServerObserver* observer() const { return context_.options.observer; }

  bool take_place() {
    const std::lock_guard lock(mutex_);
    if (places_taken_ == context_.options.max_connections) return false;
    ++places_taken_;
    return true;
  }

  void give_place_back() {
    // Notified under the lock: whoever waits for the last place may destroy this at once.
    const std::lock_guard lock(mutex_);
    if (--places_taken_ == 0) all_gone_.notify_all();
  }

  /// A connection that drain() knows of, as long as this lives.
  class Enlisted {
   public:
    Enlisted(Impl& impl, Connection& connection) : impl_(impl), connection_(connection) {
      const std::lock_guard lock(impl_.mutex_);
      impl_.connections_.insert(&connection_);
    }
    Enlisted(const Enlisted&) = delete;
    Enlisted& operator=(const Enlisted&) = delete;
    ~Enlisted() {
      const std::lock_guard lock(impl_.mutex_);
      impl_.connections_.erase(&connection_);
    }

   private:
    Impl& impl_;
    Connection& connection_;
  };

  void serve(int fd) {
    if (observer() != nullptr) observer()->opened();
    try {
      Connection connection(Stream(Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(fd))),
                            context_);
      const Enlisted enlisted(*this, connection);
      connection.serve();
    } catch (const std::exception& error) {
      std::cerr << "a connection was given up: " << error.what() << std::endl;
    }
    // Before the place is given back: the observer may go as soon as the last one is.
    if (observer() != nullptr) observer()->closed();
    give_place_back();
  }

  ServerContext context_;
  Poco::Net::ServerSocket listener_;
  std::uint16_t port_;
  Descriptor wake_;
  Descriptor spare_;  // given up for a moment when there is no other descriptor left
  std::thread acceptor_;
  std::mutex drain_mutex_;
  std::mutex mutex_;
  std::condition_variable all_gone_;
  std::size_t places_taken_ = 0;
  std::unordered_set<Connection*> connections_;
};

Server::Server(ServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }

bool Server::drain(std::chrono::milliseconds patience) { return impl_->drain(patience); }

}  // namespace enxame::http
