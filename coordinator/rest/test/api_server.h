#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "coordinator/rest/routes.h"
#include "coordinator/store/memory_task_store.h"
#include "http/server/server.h"

namespace enxame::coordinator {

/// The API on a port of its own, for tests that speak to it over sockets.
class ApiServer {
 public:
  explicit ApiServer(StoreOptions store = {}, http::ServerOptions http = {})
      : store_(std::move(store)),
        max_product_bytes_(http.max_body_bytes),
        server_(completed(std::move(http)),
                [this](http::Request& request) { return routes_.answer(request); }) {}
  ~ApiServer() { store_.close(); }

  std::uint16_t port() const { return server_.port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  MemoryTaskStore& store() { return store_; }
  bool drain() { return server_.drain(std::chrono::milliseconds(10'000)); }

 private:
  http::ServerOptions completed(http::ServerOptions options) {
    options = api_options(std::move(options));
    options.observer = &metrics_.observer();
    return options;
  }

  MemoryTaskStore store_;
  std::size_t max_product_bytes_;
  CoordinatorMetrics metrics_{store_, Routes::names()};
  Routes routes_{store_, nullptr, metrics_, max_product_bytes_};
  http::Server server_;
};

}  // namespace enxame::coordinator
