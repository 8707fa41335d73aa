#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wasm/logic/edge.h"

namespace enxame {

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

/// An edge whose coordinator is the test and whose clock is turned by hand.
class FakeEdge : public Edge {
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

 private:
  struct Open {
    SentRequest request;
    std::function<void(const HttpAnswer&)> then;
  };
  struct Timer {
    Duration due;
    Milliseconds delay;
    std::function<void()> fire;
  };

  std::deque<Open> open_;
  std::vector<Timer> timers_;
  mutable Duration now_{std::chrono::seconds(100)};
};

}  // namespace enxame
