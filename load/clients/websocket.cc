#include "load/clients/websocket.h"

#include "coordinator/client/websocket_matmul.h"
#include "load/clients/coordinator.h"

namespace enxame::load {
namespace {

class WebSocketClient : public Client {
 public:
  WebSocketClient()
      : Client({.transport = "ws", .flags = {"coordinator", "token-file", "ca-file", "split"}}) {}

  std::unique_ptr<Matmul> open(const SystemOptions& options) const override {
    require_coordinator(options);
    coordinator::WebSocketMatmulOptions client;
    client.split = split_by_coordinator(options);
    client.http.identity = options.identity();
    return std::make_unique<coordinator::WebSocketMatmul>(options.coordinator, client);
  }
};

}  // namespace

const Client& websocket_client() {
  static const WebSocketClient client;
  return client;
}

}  // namespace enxame::load
