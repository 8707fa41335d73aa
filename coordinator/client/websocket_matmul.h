#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "coordinator/store/task.h"
#include "http/client/websocket_client.h"
#include "matmul/matmul.h"
#include "matmul/timing/clock_offset.h"

namespace enxame::coordinator {

struct WebSocketMatmulOptions {
  std::chrono::milliseconds timeout{300'000};  ///< from a product's submission to its arrival
  Split split{};  ///< how the coordinator is to divide each multiplication
  http::WebSocketClient::Options http{.socket = {.max_message_bytes = std::size_t{1} << 31}};
};

/// Multiplies through a coordinator over WebSockets: a submission and its product are one message
/// each, and no matrix is copied on its way to or from the socket. Each thread that multiplies has
/// a connection of its own while it does; connections are kept and used again.
///
/// Phases: `submit` and `collect` are the two ways of this exchange, told apart by what the
/// coordinator says of its clock; everything between is the coordinator's.
class WebSocketMatmul : public Matmul {
 public:
  /// `url` is "http://HOST:PORT". Throws std::invalid_argument for anything else; connects only
  /// when it multiplies.
  explicit WebSocketMatmul(const std::string& url, WebSocketMatmulOptions options = {});

  /// Throws std::runtime_error, which names the coordinator and what it said, when there is no
  /// product.
  Product multiply(const Matrix& a, const Matrix& b) override;

 private:
  /// When, on this process's clock, the caller came and its submission set off.
  struct Start {
    Duration called_at;
    Duration sent_at;
  };

  Product exchange(http::WebSocket& socket, const Matrix& a, const Matrix& b, Duration called_at);
  Product collect(http::WebSocket& socket, std::uint64_t call_id, Shape expected, Start start);
  std::unique_ptr<http::WebSocketClient> take();
  void keep(std::unique_ptr<http::WebSocketClient> connection);

  const http::Origin origin_;
  const WebSocketMatmulOptions options_;
  ClockOffset clock_offset_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<http::WebSocketClient>> kept_;
  std::uint64_t last_call_ = 0;
};

}  // namespace enxame::coordinator
