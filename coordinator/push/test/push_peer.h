#pragma once

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "coordinator/client/frame_pieces.h"
#include "coordinator/push/message_socket.h"
#include "http/client/websocket_client.h"
#include "matmul/kernel.h"
#include "wire/message.h"

namespace enxame::coordinator {

/// The other end of a coordinator's WebSocket, a worker or a client, whose messages a test makes.
class PushPeer {
 public:
  struct Message {
    wire::MessageHeader header;
    std::string payload;
  };

  PushPeer(const std::string& url, const std::string& query)
      : connection_(http::Origin::parse(url), "/ws?" + query, {}) {}

  http::WebSocket& socket() { return connection_.socket(); }

  /// The next message; throws unless one comes.
  Message receive() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    if (socket().await(deadline) != http::WebSocket::Event::message) {
      throw std::runtime_error("no message came");
    }
    Message message{read_message_header(socket()), {}};
    message.payload = socket().read_rest();
    return message;
  }

  void send(wire::MessageKind kind, std::uint64_t call_id, std::string_view payload) {
    send_message(socket(), kind, call_id, {payload});
  }
  void submit(std::uint64_t call_id, const Matrix& a, const Matrix& b,
              const wire::Submission& how = {}) {
    const auto head = wire::encode_submission(how);
    const std::string task = wire::encode_multiply(call_id, a, b).substr(wire::kMessageHeaderBytes);
    send_message(socket(), wire::MessageKind::submit, call_id, {view(head), task});
  }
  /// Answers a `multiply` message as a worker should.
  void compute(const Message& task, const WorkerPhases& phases = {}) {
    const wire::Factors factors = wire::decode_multiply(task.payload);
    const Matrix product = multiply(factors.a, factors.b, Kernel::naive);
    send_raw(wire::encode_product(task.header.call_id, product, phases));
  }
  void send_raw(std::string_view bytes) { socket().send({bytes}); }

  /// The code with which the coordinator closes, which has to be next.
  std::uint16_t receive_close() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    if (socket().await(deadline) != http::WebSocket::Event::closed) {
      throw std::runtime_error("no close came");
    }
    return socket().peer_close()->code;
  }

  /// Makes a wait of another thread end.
  void wake() { connection_.wake(); }

 private:
  http::WebSocketClient connection_;
};

/// A worker that does what it should, on a thread of its own.
class PushWorker {
 public:
  PushWorker(const std::string& url, const std::string& id)
      : peer_(url, "role=worker&workerId=" + id), thread_([this] { work(); }) {}
  ~PushWorker() {
    peer_.wake();
    thread_.join();
  }

 private:
  void work() {
    while (peer_.socket().await() == http::WebSocket::Event::message) {
      PushPeer::Message task{read_message_header(peer_.socket()), {}};
      task.payload = peer_.socket().read_rest();
      peer_.compute(task, {.compute = std::chrono::microseconds(2)});
    }
  }

  PushPeer peer_;
  std::thread thread_;
};

}  // namespace enxame::coordinator
