#include "load/clients/http.h"

#include "cli/flags.h"
#include "native-baseline/client/front_matmul.h"

namespace enxame::load {
namespace {

class HttpClient : public Client {
 public:
  // Who splits is the front, which was told so when it was started; of a split product it names one
  // worker.
  HttpClient()
      : Client({.transport = "http",
                .flags = {"server", "token-file", "ca-file", "connections", "split"}}) {}

  std::unique_ptr<Matmul> open(const SystemOptions& options) const override {
    if (options.server.empty()) {
      throw cli::UsageError("--transport http needs --server, such as http://127.0.0.1:8080");
    }
    native::FrontMatmulOptions client;
    client.http.connections = options.connections;
    client.http.identity = options.identity();
    return std::make_unique<native::FrontMatmul>(options.server, client);
  }
};

}  // namespace

const Client& http_client() {
  static const HttpClient client;
  return client;
}

}  // namespace enxame::load
