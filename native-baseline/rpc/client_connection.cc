#include "native-baseline/rpc/client_connection.h"

#include <exception>
#include <utility>

namespace enxame::rpc {
namespace {

/// Gives up `lock` while it lives, for input and output that others must not wait for.
class Unlocked {
 public:
  explicit Unlocked(std::unique_lock<std::mutex>& lock) : lock_(lock) { lock_.unlock(); }
  ~Unlocked() { lock_.lock(); }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  std::unique_lock<std::mutex>& lock_;
};

}  // namespace

wire::Message ClientConnection::call(const wire::OutgoingMessage& request,
                                     net::TimePoint deadline) {
  Lock lock(mutex_);
  check_whole();
  const auto mine = calls_.emplace(request.call_id(), std::nullopt).first;
  try {
    send_in_turn(lock, request, deadline);
    while (!mine->second) {
      check_whole();
      if (!receiving_) {
        receive_for_all(lock, deadline);
      } else if (changed_.wait_until(lock, deadline) == std::cv_status::timeout && !mine->second) {
        throw net::TimedOut("no answer in time");
      }
    }
  } catch (const std::exception& error) {
    calls_.erase(mine);
    break_off(error.what());
    throw;
  }
  wire::Message answer = std::move(*mine->second);
  calls_.erase(mine);
  return answer;
}

void ClientConnection::send_in_turn(Lock& lock, const wire::OutgoingMessage& request,
                                    net::TimePoint deadline) {
  if (!changed_.wait_until(lock, deadline, [&] { return !sending_ || broken_; })) {
    throw net::TimedOut("could not send in time");
  }
  check_whole();
  sending_ = true;
  try {
    const Unlocked unlocked(lock);
    channel_.send(request, net::Deadline(deadline));
  } catch (...) {
    sending_ = false;
    throw;
  }
  sending_ = false;
  changed_.notify_all();
}

void ClientConnection::receive_for_all(Lock& lock, net::TimePoint deadline) {
  receiving_ = true;
  wire::Message message{{}, std::move(spare_)};
  bool received = false;
  try {
    const Unlocked unlocked(lock);
    received = channel_.receive(message, deadline);
  } catch (...) {
    receiving_ = false;
    throw;
  }
  receiving_ = false;
  check_whole();
  if (!received) throw net::ConnectionError("connection closed before the answer");
  deliver(std::move(message));
  changed_.notify_all();
}

void ClientConnection::deliver(wire::Message message) {
  const wire::MessageHeader& header = message.header;
  if (header.call_id == 0) {
    throw wire::ProtocolError("worker ended the connection: " +
                              std::string(message.payload.view().substr(0, 1'000)));
  }
  const auto call = calls_.find(header.call_id);
  if (call == calls_.end() || call->second) {
    throw wire::ProtocolError("answer to call " + std::to_string(header.call_id) +
                              ", which was not made");
  }
  if (!is_answer(header.kind)) {
    throw wire::ProtocolError("a message of kind " + std::string(to_string(header.kind)) +
                              " where an answer was expected");
  }
  call->second = std::move(message);
}

bool ClientConnection::usable() const {
  const Lock lock(mutex_);
  return !broken_ && (!calls_.empty() || channel_.stream().quiet());
}

void ClientConnection::close(const std::string& reason) {
  const Lock lock(mutex_);
  break_off(reason);
}

void ClientConnection::recycle(wire::Message&& answer) {
  const Lock lock(mutex_);
  if (answer.payload.capacity() > spare_.capacity()) spare_ = std::move(answer.payload);
}

void ClientConnection::break_off(const std::string& reason) {
  if (broken_) return;
  broken_ = reason;
  channel_.stream().shut_down();
  changed_.notify_all();
}

void ClientConnection::check_whole() const {
  if (broken_) throw net::ConnectionError(*broken_);
}

}  // namespace enxame::rpc
