#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/host.h"

namespace enxame::worker {

/// A task as a coordinator gives it.
inline constexpr const char* kTask =
    R"({"taskId":7,"data":{"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}})";

/// A request as it was sent, with a body of its own.
struct SentRequest {
  std::string method;
  std::string target;
  HttpHeaders headers;
  std::string body;
  std::chrono::milliseconds timeout;

  std::string line() const { return method + " " + target; }
  std::string header(const std::string& name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

/// An host whose coordinator is the test and whose clock is turned by hand.
class FakeHost : public Host {
 public:
  using Milliseconds = std::chrono::milliseconds;

  void send(const HttpRequest& request, std::function<void(const HttpAnswer&)> then) override {
    open_.push_back({{request.method, request.target, request.headers, std::string(request.body),
                      request.timeout},
                     std::move(then)});
  }

  void after(Milliseconds delay, std::function<void()> then) override {
    timers_.push_back({now_ + delay, delay, std::move(then)});
  }

  std::unique_ptr<WebSocket> open(const std::string& target, WebSocketListener& listener) override {
    if (listener_ != nullptr) throw std::logic_error("a second WebSocket");
    targets.push_back(target);
    listener_ = &listener;
    return std::make_unique<FakeSocket>(*this);
  }

  /// Every look at the clock moves it on by `tick`.
  Duration now() const override { return now_ += tick; }
  void changed() override { ++changes; }

  /// Requests that wait for an answer.
  std::size_t open() const { return open_.size(); }
  /// The oldest of them.
  const SentRequest& request() const { return open_.at(0).request; }
  const SentRequest& request(std::size_t i) const { return open_.at(i).request; }

  /// Answers the oldest open request.
  void answer(int status, std::string body = {}, HttpHeaders headers = json_headers()) {
    const Open answered = std::move(open_.at(0));
    open_.pop_front();
    answered.then({.status = status, .headers = std::move(headers), .body = body});
  }
  void no_answer() { answer(0, "Failed to fetch", {}); }

  /// Whether a WebSocket has been asked for and is not over.
  bool has_socket() const { return listener_ != nullptr; }
  /// It stands; a message comes over it; it is over.
  void accept() { listener().opened(); }
  void push(const std::string& message) { listener().received(message); }
  void hang_up(std::string_view why) {
    WebSocketListener& told = listener();
    listener_ = nullptr;
    told.closed(why);
  }

  /// The delays of the timers that run, in the order in which they were set.
  std::vector<int> timers() const {
    std::vector<int> delays;
    for (const Timer& timer : timers_) delays.push_back(static_cast<int>(timer.delay.count()));
    return delays;
  }

  /// Turns the clock on and fires what is due by then.
  void advance(Milliseconds by) {
    now_ += by;
    while (true) {
      const auto due = std::find_if(timers_.begin(), timers_.end(),
                                    [&](const Timer& timer) { return timer.due <= now_; });
      if (due == timers_.end()) return;
      const auto fire = std::move(due->fire);
      timers_.erase(due);
      fire();
    }
  }

  static HttpHeaders json_headers() { return {{"content-type", "application/json"}}; }

  Duration tick{0};
  int changes = 0;
  std::vector<std::string> targets;   ///< of the WebSockets asked for, in order
  std::vector<std::string> messages;  ///< sent over any of them

 private:
  class FakeSocket : public WebSocket {
   public:
    explicit FakeSocket(FakeHost& host) : host_(host) {}
    FakeSocket(const FakeSocket&) = delete;
    FakeSocket& operator=(const FakeSocket&) = delete;
    ~FakeSocket() override { host_.listener_ = nullptr; }
    void send(std::string_view message) override { host_.messages.emplace_back(message); }

   private:
    FakeHost& host_;
  };

  struct Open {
    SentRequest request;
    std::function<void(const HttpAnswer&)> then;
  };
  struct Timer {
    Duration due;
    Milliseconds delay;
    std::function<void()> fire;
  };

  WebSocketListener& listener() const {
    if (listener_ == nullptr) throw std::logic_error("no WebSocket");
    return *listener_;
  }

  std::deque<Open> open_;
  WebSocketListener* listener_ = nullptr;
  std::vector<Timer> timers_;
  mutable Duration now_{std::chrono::seconds(100)};
};

}  // namespace enxame::worker
