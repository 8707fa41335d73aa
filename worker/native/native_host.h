#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/client/client.h"
#include "worker/host.h"
#include "worker/native/native_socket.h"

namespace enxame::worker {

/// The host of a native worker: connections to a coordinator, and a loop on one thread in place of
/// a browser's, from which everything is called. It waits for one thing at a time, as a worker
/// does: while a request waits for its answer, no timer fires and no message is read.
class NativeHost : public Host {
 public:
  /// `changed` is called at every transition.
  NativeHost(http::Origin coordinator, std::function<void()> changed, http::Identity identity = {});
  ~NativeHost() override = default;
  NativeHost(const NativeHost&) = delete;
  NativeHost& operator=(const NativeHost&) = delete;

  /// At most one request may wait to be sent.
  void send(const HttpRequest& request, std::function<void(const HttpAnswer&)> then) override;
  void after(std::chrono::milliseconds delay, std::function<void()> then) override;
  /// At most one WebSocket may be open.
  std::unique_ptr<WebSocket> open(const std::string& target, WebSocketListener& listener) override;
  Duration now() const override;
  void changed() override { changed_(); }

  /// Runs until there is nothing more to wait for, or until it is stopped.
  void run();

  /// Called by another thread: lets the loop finish what it is at, and end; what waits for a timer
  /// is done without waiting any longer. Returns whether it has ended. It has not when all that is
  /// left is to wait for the answer to a request, which cannot be called back, or when `patience`
  /// has passed.
  bool stop(std::chrono::milliseconds patience);

 private:
  using Clock = std::chrono::steady_clock;

  struct Exchange {
    http::Call call;
    std::function<void(const HttpAnswer&)> then;
  };
  struct Timer {
    Clock::time_point due;
    std::function<void()> then;
  };
  enum class Activity { working, awaiting_answer, ended };

  bool step();
  bool finish();
  void exchange(const Exchange& exchange);
  bool fire_due();
  Clock::time_point next_due() const;
  void await_socket();
  void await_timer();
  void enter(Activity activity);
  bool is_stopping();

  const http::Origin coordinator_;
  const std::function<void()> changed_;
  const http::Identity identity_;
  http::Client client_;
  std::optional<Exchange> exchange_;
  std::list<Timer> timers_;
  NativeSocket* socket_ = nullptr;  // the one that is open
  bool is_finishing_ = false;

  std::mutex mutex_;  // of what stop() looks at
  std::condition_variable moved_;
  Activity activity_ = Activity::working;
  bool stopping_ = false;
  bool awaiting_message_ = false;
};

}  // namespace enxame::worker
