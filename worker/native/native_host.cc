#include "worker/native/native_host.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace enxame::worker {

NativeHost::NativeHost(http::Origin coordinator, std::function<void()> changed,
                       http::Identity identity)
    : coordinator_(std::move(coordinator)),
      changed_(std::move(changed)),
      identity_(std::move(identity)),
      // How long a call may take is said with each.
      client_(coordinator_, {.timeout = std::chrono::milliseconds(0), .identity = identity_}) {}

void NativeHost::send(const HttpRequest& request, std::function<void(const HttpAnswer&)> then) {
  exchange_.emplace(Exchange{{.method = request.method,
                              .target = request.target,
                              .headers = request.headers,
                              .body = std::string(request.body),
                              .patience = request.timeout,
                              .after_write = [this] { enter(Activity::awaiting_answer); }},
                             std::move(then)});
}

void NativeHost::after(std::chrono::milliseconds delay, std::function<void()> then) {
  timers_.push_back({Clock::now() + delay, std::move(then)});
}

std::unique_ptr<WebSocket> NativeHost::open(const std::string& target,
                                            WebSocketListener& listener) {
  return std::make_unique<NativeSocket>(socket_, coordinator_, identity_, target, listener);
}

Duration NativeHost::now() const { return Clock::now().time_since_epoch(); }

void NativeHost::run() {
  while (step()) {
  }
  enter(Activity::ended);
}

/// Does the one thing that is next; false when there is none.
bool NativeHost::step() {
  if (is_stopping()) return finish();
  if (exchange_) {
    exchange(*std::exchange(exchange_, std::nullopt));
  } else if (fire_due()) {
    return true;
  } else if (socket_ != nullptr) {
    await_socket();
  } else if (!timers_.empty()) {
    await_timer();
  } else {
    return false;
  }
  return true;
}

/// Does the one thing that is left to do when stopped; false when there is none. A task in hand
/// goes back, and what a service time holds goes back at once; a new task is not asked for.
bool NativeHost::finish() {
  if (exchange_ && exchange_->call.method == "POST") {
    exchange(*std::exchange(exchange_, std::nullopt));
    return true;
  }
  if (is_finishing_) return false;
  is_finishing_ = true;
  for (const Timer& timer : std::exchange(timers_, {})) timer.then();
  return true;
}

void NativeHost::exchange(const Exchange& exchange) {
  http::Reply reply;
  try {
    reply = client_.send(exchange.call);
  } catch (const std::runtime_error& error) {
    reply = {};
    reply.body = error.what();
  }
  enter(Activity::working);
  exchange.then({.status = reply.status, .headers = std::move(reply.headers), .body = reply.body});
}

/// Fires one timer that is due; false when none is.
bool NativeHost::fire_due() {
  if (timers_.empty() || next_due() > Clock::now()) return false;
  const auto due = std::min_element(timers_.begin(), timers_.end(),
                                    [](auto& a, auto& b) { return a.due < b.due; });
  const auto fire = std::move(due->then);
  timers_.erase(due);
  fire();
  return true;
}

NativeHost::Clock::time_point NativeHost::next_due() const {
  auto next = Clock::time_point::max();
  for (const Timer& timer : timers_) next = std::min(next, timer.due);
  return next;
}

/// Waits for what comes over the WebSocket, and for the next timer.
void NativeHost::await_socket() {
  NativeSocket& socket = *socket_;
  WebSocketListener& listener = socket.listener();  // which may end the socket
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    awaiting_message_ = socket.is_connected();
  }
  const NativeSocket::Event event = socket.await(next_due());
  {
    const std::lock_guard lock(mutex_);
    awaiting_message_ = false;
  }
  switch (event) {
    case NativeSocket::Event::opened:
      return listener.opened();
    case NativeSocket::Event::message:
      return listener.received(socket.message());
    case NativeSocket::Event::nothing:
      return;
    case NativeSocket::Event::over:
      socket_ = nullptr;
      return listener.closed(std::string(socket.why()));
  }
}

void NativeHost::await_timer() {
  std::unique_lock lock(mutex_);
  moved_.wait_until(lock, next_due(), [this] { return stopping_; });
}

void NativeHost::enter(Activity activity) {
  {
    const std::lock_guard lock(mutex_);
    activity_ = activity;
  }
  moved_.notify_all();
}

bool NativeHost::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool NativeHost::stop(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  moved_.notify_all();
  if (awaiting_message_) socket_->wake();
  moved_.wait_for(lock, patience, [this] { return activity_ != Activity::working; });
  return activity_ == Activity::ended;
}

}  // namespace enxame::worker
