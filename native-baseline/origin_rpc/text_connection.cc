#include "native-baseline/origin_rpc/text_connection.h"

#include <utility>

#include "native-baseline/origin_rpc/text_wire.h"

namespace enxame::rpc {

/// A connection as long as its one call, which close() can reach.
class TextConnection::Open {
 public:
  Open(TextConnection& owner, Channel channel) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    if (owner_.closed_) throw net::ConnectionError(*owner_.closed_);
    channel_ = owner_.open_.insert(owner_.open_.end(), std::move(channel));
  }
  ~Open() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.open_.erase(channel_);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

  Channel& channel() { return *channel_; }

 private:
  TextConnection& owner_;
  std::list<Channel>::iterator channel_;
};

TextConnection::TextConnection(WorkerAddress address, std::chrono::milliseconds connect_timeout,
                               std::size_t max_payload_bytes)
    : address_(std::move(address)),
      connect_timeout_(connect_timeout),
      max_payload_bytes_(max_payload_bytes) {}

wire::Message TextConnection::call(const wire::OutgoingMessage& request, net::TimePoint deadline) {
  Open open(*this, Channel::connect(address_, connect_timeout_, max_payload_bytes_));
  try {
    open.channel().send(request, net::Deadline(deadline));
    const auto text = receive_text(open.channel(), max_payload_bytes_, net::Deadline(deadline));
    if (!text) throw net::ConnectionError("connection closed before the answer");
    wire::Message answer = decode_text_answer(*text);
    answer.header.call_id = request.call_id();
    return answer;
  } catch (const std::exception&) {
    const std::lock_guard lock(mutex_);
    if (closed_) throw net::ConnectionError(*closed_);
    throw;
  }
}

bool TextConnection::usable() const {
  const std::lock_guard lock(mutex_);
  return !closed_;
}

void TextConnection::close(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = reason;
  for (Channel& channel : open_) channel.stream().shut_down();
}

}  // namespace enxame::rpc
