#include "native-baseline/rpc/sessions.h"

#include <utility>

namespace enxame::rpc {

class Sessions::Conversation : public net::Session {
 public:
  Conversation(const Sessions& sessions, net::Stream stream)
      : sessions_(sessions), channel_(std::move(stream), sessions.options_.max_payload_bytes) {}

  void serve() override { sessions_.manners_.converse(channel_); }

  /// Nothing more is received than what has arrived.
  void end_if_idle() noexcept override { channel_.stream().end_reading(); }

  void abort() noexcept override { channel_.stream().shut_down(); }

 private:
  const Sessions& sessions_;
  Channel channel_;
};

Sessions::Sessions(const WorkerServerOptions& options, Manners manners)
    : options_(options),
      manners_(std::move(manners)),
      acceptor_({.listen = options_.listen,
                 .port = options_.port,
                 .max_sessions = options_.max_connections},
                *this) {
  acceptor_.start();
}

std::unique_ptr<net::Session> Sessions::open(net::Stream stream, const std::string&) {
  return std::make_unique<Conversation>(*this, std::move(stream));
}

/// Whoever has a place keeps it.
net::Session* Sessions::evict_for(std::span<net::Session* const>, std::string_view) {
  return nullptr;
}

std::string Sessions::turn_away(net::Refusal reason, std::string_view) {
  const std::string text = net::reason_of(reason, options_.max_connections);
  options_.log("refused a connection: " + text);
  if (options_.observer != nullptr) options_.observer->turned_away();
  return manners_.refusal(text);
}

void Sessions::failed(const std::exception& error, std::string_view) noexcept {
  log_quietly(options_, "connection ended: ", error.what());
}

void Sessions::opened() noexcept {
  if (options_.observer != nullptr) options_.observer->opened();
}

void Sessions::closed() noexcept {
  if (options_.observer != nullptr) options_.observer->closed();
}

}  // namespace enxame::rpc
