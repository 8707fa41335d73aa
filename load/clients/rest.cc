#include "load/clients/rest.h"

#include "load/clients/coordinator.h"

namespace enxame::load {
namespace {

class RestClient : public Client {
 public:
  RestClient()
      : Client({.transport = "rest",
                .flags = {"coordinator", "token-file", "ca-file", "codec", "collection",
                          "connections", "split", "repeat"}}) {}

  std::unique_ptr<Matmul> open(const SystemOptions& options) const override {
    require_coordinator(options);
    coordinator::CoordinatorMatmulOptions client;
    client.split = split_by_coordinator(options);
    client.collection = options.collection;
    client.repeats = options.repeats;
    client.http.connections = options.connections;
    client.http.identity = options.identity();
    return std::make_unique<coordinator::CoordinatorMatmul>(options.coordinator, options.codec,
                                                            client);
  }
};

}  // namespace

const Client& rest_client() {
  static const RestClient client;
  return client;
}

}  // namespace enxame::load
