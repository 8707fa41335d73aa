#include "worker/native/keeper.h"

#include <stdexcept>
#include <string_view>
#include <utility>

#include "wire/message.h"
#include "worker/query.h"

namespace enxame::worker {

namespace {

/// Another program has kernels of its own.
std::string kernel_of(const WorkerOptions& options) {
  if (options.engine != WorkerOptions{}.engine) return {};
  return "&kernel=" + percent_encode(to_string(options.kernel));
}

/// A coordinator that is away is looked for as often; the worker itself says that it is.
constexpr std::chrono::milliseconds kPause{1'000};

}  // namespace

/// What the destructor can wake, as long as this lives.
class Keeper::Connection {
 public:
  Connection(Keeper& keeper, http::WebSocketClient& client) : keeper_(keeper) {
    const std::lock_guard lock(keeper_.mutex_);
    keeper_.connected_ = &client;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    const std::lock_guard lock(keeper_.mutex_);
    keeper_.connected_ = nullptr;
  }

 private:
  Keeper& keeper_;
};

Keeper::Keeper(http::Origin coordinator, http::Identity identity, const WorkerOptions& options)
    : coordinator_(std::move(coordinator)),
      identity_(std::move(identity)),
      target_("/ws?role=keeper&keeper=" + percent_encode(options.keeper) +
              "&workerId=" + percent_encode(options.worker_id) +
              "&engine=" + percent_encode(options.engine) + kernel_of(options)),
      thread_([this] { run(); }) {}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (connected_ != nullptr) connected_->wake();
  }
  stopped_.notify_all();
  thread_.join();
}

void Keeper::run() {
  while (!is_stopping()) {
    try {
      keep();
    } catch (const std::runtime_error&) {
      // It is away: the worker finds that out as well, and says so.
    }
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, kPause, [this] { return stopping_; });
  }
}

/// Connects, and says that the worker is there until the connection is over or this is stopped.
void Keeper::keep() {
  http::WebSocketClient client(coordinator_, target_, {.identity = identity_});
  const Connection connection(*this, client);
  const auto word = wire::message_header({wire::MessageKind::keep, 1, 0});
  auto event = http::WebSocket::Event::silence;
  while (event == http::WebSocket::Event::silence && !is_stopping()) {
    client.socket().send({std::string_view(word.data(), word.size())});
    event = client.socket().await(std::chrono::steady_clock::now() + kPeriod);
  }
}

bool Keeper::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace enxame::worker
