#include "worker/native/native_socket.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "wire/message.h"

namespace enxame::worker {
namespace {

constexpr std::size_t kFirstPieceBytes = 64 * 1024;

http::WebSocketClient::Options options(const http::Identity& identity) {
  http::WebSocketClient::Options options;
  options.identity = identity;
  options.socket.max_message_bytes = wire::kMessageHeaderBytes + wire::kDefaultMaxPayloadBytes;
  return options;
}

std::string in_words(const std::optional<http::CloseReason>& reason) {
  if (!reason) return "closed";
  return "closed with code " + std::to_string(reason->code) +
         (reason->text.empty() ? "" : " (" + reason->text + ")");
}

}  // namespace

NativeSocket::NativeSocket(NativeSocket*& place, http::Origin coordinator, http::Identity identity,
                           std::string target, WebSocketListener& listener)
    : place_(place),
      coordinator_(std::move(coordinator)),
      identity_(std::move(identity)),
      target_(std::move(target)),
      listener_(listener) {
  place_ = this;
}

NativeSocket::~NativeSocket() {
  place_ = nullptr;
  // Not awaited: a coordinator without a task for this worker looks at its socket now and then
  // only.
  if (client_ && why_.empty()) {
    client_->socket().close(http::CloseCode::normal, {}, std::chrono::milliseconds(0));
  }
}

void NativeSocket::send(std::string_view message) {
  if (!client_ || !why_.empty()) return;
  try {
    client_->socket().send({message});
  } catch (const net::ConnectionError& error) {
    why_ = error.what();
  }
}

NativeSocket::Event NativeSocket::await(net::TimePoint deadline) {
  if (!why_.empty()) return Event::over;
  try {
    if (!client_) {
      client_.emplace(coordinator_, target_, options(identity_));
      return Event::opened;
    }
    switch (client_->socket().await(deadline)) {
      case http::WebSocket::Event::message:
        read_message();
        return Event::message;
      case http::WebSocket::Event::silence:
      case http::WebSocket::Event::woken:
        return Event::nothing;
      case http::WebSocket::Event::closed:
        why_ = in_words(client_->socket().peer_close());
        break;
    }
  } catch (const std::runtime_error& error) {  // not connected, or broken
    why_ = error.what();
  }
  return Event::over;
}

/// Memory grows with what arrives, not with what a header promises.
void NativeSocket::read_message() {
  std::size_t have = 0;
  for (;;) {
    if (memory_.size() == have) memory_.resize(std::max(kFirstPieceBytes, 2 * have));
    const std::size_t received =
        client_->socket().read(memory_.data() + have, memory_.size() - have);
    if (received == 0) break;
    have += received;
  }
  message_ = {memory_.data(), have};
}

}  // namespace enxame::worker
