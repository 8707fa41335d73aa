#include "coordinator/push/keeper_session.h"

#include "coordinator/push/message_socket.h"
#include "wire/message.h"

namespace enxame::coordinator {

using http::WebSocket;

/// The time that a keeper is connected. It does not end with the server, which keeps what it has.
class KeeperSession::Stay {
 public:
  Stay(TaskBroker& broker, const std::string& keeper) : broker_(broker), keeper_(keeper) {
    broker_.keeper_came(keeper_);
  }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;
  ~Stay() { broker_.keeper_left(keeper_, is_draining_ ? "" : "its connection ended"); }

  void drains() { is_draining_ = true; }

 private:
  TaskBroker& broker_;
  const std::string& keeper_;
  bool is_draining_ = false;
};

void KeeperSession::run() {
  const PushMetrics::Open open(metrics_.push(), PushRole::keeper);
  Stay stay(broker_, kept_.keeper);
  broker_.describe(kept_.worker, kept_.description);
  for (;;) {
    switch (socket_.await()) {
      case WebSocket::Event::message:
        take_word();
        break;
      case WebSocket::Event::woken:
        return stay.drains();
      case WebSocket::Event::silence:
      case WebSocket::Event::closed:
        return;
    }
  }
}

void KeeperSession::take_word() {
  const wire::MessageHeader header = read_message_header(socket_);
  if (header.kind != wire::MessageKind::keep) throw unexpected(header, "keep");
  metrics_.push().received(header.kind, wire::kMessageHeaderBytes + header.payload_bytes);
  read_payload(socket_, bytes_behind(header, 0));
  broker_.keep(kept_.keeper);
}

}  // namespace enxame::coordinator
