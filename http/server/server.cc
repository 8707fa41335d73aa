#include "http/server/server.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "http/fields.h"
#include "http/response_head.h"
#include "http/server/connection.h"
#include "http/server/eviction.h"
#include "net/acceptor.h"
#include "net/memory.h"
#include "net/system.h"

namespace enxame::http {

namespace {

constexpr std::size_t kThreadStackBytes = 512 * 1024;

std::string refusal(const std::string& reason, std::string_view common_lines) {
  Response response = to_response(Error(503, reason));
  Framing framing;
  framing.keep_alive = false;
  std::string answer;
  write_response_head(response, framing, {common_lines}, answer);
  return answer + response.body;
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

class Server::Impl : private net::Service {
 public:
  Impl(ServerOptions options, Handler handler)
      : context_(std::move(options), std::move(handler)),
        acceptor_((net::allow_descriptors(context_.options.max_connections),
                   net::Acceptor::Options{.listen = context_.options.listen,
                                          .port = context_.options.port,
                                          .max_sessions = context_.options.max_connections,
                                          .stack_bytes = kThreadStackBytes}),
                  *this) {
    context_.wake_fd = acceptor_.wake_fd();
    acceptor_.start();
  }

  ~Impl() override {
    drain(std::chrono::milliseconds(0));
    acceptor_.end();
    context_.refusals.flush(true);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::uint16_t port() const { return acceptor_.port(); }

  bool drain(std::chrono::milliseconds patience) {
    // First: a connection sees it, or is seen to be idle.
    context_.draining = true;
    return acceptor_.drain(patience);
  }

 private:
  std::unique_ptr<net::Session> open(net::Stream stream, const std::string& peer) override {
    return std::make_unique<Connection>(std::move(stream), peer, context_);
  }

  net::Session* evict_for(std::span<net::Session* const> sessions, std::string_view peer) override {
    std::vector<Connection*> connections;
    std::vector<Occupant> occupants;
    connections.reserve(sessions.size());
    occupants.reserve(sessions.size());
    for (net::Session* each : sessions) {
      connections.push_back(static_cast<Connection*>(each));
      occupants.push_back(connections.back()->occupant());
    }
    // One that begins to be busy at this moment keeps its place; then the next best is asked.
    while (const auto victim = choose_victim(occupants, peer, net::Clock::now())) {
      if (connections[*victim]->evict()) return connections[*victim];
      occupants[*victim].activity = Activity::busy;
    }
    return nullptr;
  }

  std::string turn_away(net::Refusal reason, std::string_view peer) override {
    const std::string text = net::reason_of(reason, context_.options.max_connections);
    context_.refusals.tell(503, text, peer);
    if (observer() != nullptr) observer()->turned_away();
    // Who has not shaken hands could not read it.
    return context_.tls ? std::string() : refusal(text, context_.common_lines);
  }

  void failed(const std::exception& error, std::string_view peer) noexcept override {
    context_.refusals.tell(500, error.what(), peer);
  }

  void opened() noexcept override {
    if (observer() != nullptr) observer()->opened();
  }

  void closed() noexcept override {
    if (observer() != nullptr) observer()->closed();
  }

  void look_after() override { context_.refusals.flush(); }

  ServerObserver* observer() const { return context_.options.observer; }

  ServerContext context_;
  net::Acceptor acceptor_;
};

Server::Server(ServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }

bool Server::drain(std::chrono::milliseconds patience) { return impl_->drain(patience); }

}  // namespace enxame::http
