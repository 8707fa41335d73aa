#include "coordinator/client/websocket_matmul.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "coordinator/client/frame_pieces.h"
#include "coordinator/push/message_socket.h"
#include "matmul/timing/stopwatch.h"

namespace enxame::coordinator {

namespace {

using Clock = std::chrono::steady_clock;
using http::WebSocket;
using wire::MessageKind;

constexpr const char* kTarget = "/ws?role=client";

/// What the coordinator answered in place of a product.
class NoProduct : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace

WebSocketMatmul::WebSocketMatmul(const std::string& url, WebSocketMatmulOptions options)
    : origin_(http::Origin::parse(url)), options_(std::move(options)) {}

Product WebSocketMatmul::multiply(const Matrix& a, const Matrix& b) {
  const Duration called_at = monotonic_now();
  product_shape(a.shape(), b.shape());
  std::unique_ptr<http::WebSocketClient> connection = take();
  if (connection == nullptr) {
    connection = std::make_unique<http::WebSocketClient>(origin_, kTarget, options_.http);
  }
  const auto fail = [&](const std::exception& error) -> std::runtime_error {
    return std::runtime_error(to_string(origin_) + ": " + error.what());
  };
  try {
    Product product = exchange(connection->socket(), a, b, called_at);
    keep(std::move(connection));
    return product;
  } catch (const NoProduct& error) {
    keep(std::move(connection));
    throw fail(error);
  } catch (const http::WebSocketError& error) {
    connection->socket().close(error.code(), error.what());
    throw fail(error);
  } catch (const std::exception& error) {
    throw fail(error);
  }
}

Product WebSocketMatmul::exchange(WebSocket& socket, const Matrix& a, const Matrix& b,
                                  Duration called_at) {
  const std::uint64_t call_id = [&] {
    const std::lock_guard lock(mutex_);
    return ++last_call_;
  }();
  const Start start{called_at, monotonic_now()};
  const FramePieces frame_a(a);
  const FramePieces frame_b(b);
  const Split& split = options_.split;
  const auto how = wire::encode_submission({static_cast<std::uint16_t>(split.kind),
                                            static_cast<std::uint16_t>(split.tiles),
                                            static_cast<std::uint16_t>(split.reuse ? 0 : 1)});
  send_message(socket, wire::MessageKind::submit, call_id,
               {view(how), frame_a.head(), frame_a.payload(), frame_a.padding(), frame_b.head(),
                frame_b.payload(), frame_b.padding()});
  switch (socket.await_busy(Clock::now() + options_.timeout)) {
    case WebSocket::Event::message:
      break;
    case WebSocket::Event::closed:
      throw std::runtime_error("the coordinator closed the connection with " +
                               std::to_string(socket.peer_close()->code) + " \"" +
                               socket.peer_close()->text + "\"");
    case WebSocket::Event::silence:
    case WebSocket::Event::woken:
      throw std::runtime_error("no product after " + std::to_string(options_.timeout.count()) +
                               " ms");
  }
  return collect(socket, call_id, product_shape(a.shape(), b.shape()), start);
}

Product WebSocketMatmul::collect(WebSocket& socket, std::uint64_t call_id, Shape expected,
                                 Start start) {
  const wire::MessageHeader header = read_message_header(socket);
  if (header.call_id != call_id) {
    throw unexpected(header, "an answer to call " + std::to_string(call_id));
  }
  if (header.kind == wire::MessageKind::refused || header.kind == wire::MessageKind::failed) {
    throw NoProduct(read_payload(socket, bytes_behind(header, 0)));
  }
  if (header.kind != wire::MessageKind::delivered) throw unexpected(header, "delivered");
  const auto head = read_block<wire::kDeliveredHeadBytes>(socket);
  Matrix matrix = read_matrix(socket);
  socket.expect_end();
  if (matrix.shape() != expected) {
    throw std::runtime_error("the product is " + to_string(matrix.shape()) + ", expected " +
                             to_string(expected));
  }
  const wire::Delivery delivery = wire::decode_delivery(view(head));
  const Duration answered_at = monotonic_now();
  const auto estimate = clock_offset_.observe(
      {start.sent_at, delivery.accepted_at, delivery.finished_at, answered_at});
  const Ways ways =
      ways_of({start.called_at, delivery.accepted_at, delivery.finished_at, answered_at}, estimate);
  Phases phases;
  phases.submit = ways.dispatch;
  phases.queue = delivery.queue;
  phases.dispatch = delivery.dispatch;
  phases.worker = wire::decode_product_phases(view(head));
  phases.return_trip = delivery.return_trip;
  phases.collect = ways.return_trip;
  phases.clock_error = std::max(delivery.clock_error, ways.error);
  return {std::move(matrix), phases, delivery.worker};
}

/// A kept connection that is still good, or null.
std::unique_ptr<http::WebSocketClient> WebSocketMatmul::take() {
  for (;;) {
    std::unique_ptr<http::WebSocketClient> connection;
    {
      const std::lock_guard lock(mutex_);
      if (kept_.empty()) return nullptr;
      connection = std::move(kept_.back());
      kept_.pop_back();
    }
    if (connection->socket().still_there()) return connection;
  }
}

void WebSocketMatmul::keep(std::unique_ptr<http::WebSocketClient> connection) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(connection));
}

}  // namespace enxame::coordinator
