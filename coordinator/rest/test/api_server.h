#pragma once

#include <chrono>
#include <utility>

#include "coordinator/coordinator.h"

namespace enxame::coordinator {

/// A coordinator on a port of its own, for tests that speak to it over sockets.
class ApiServer : public Coordinator {
 public:
  explicit ApiServer(CoordinatorOptions options = {}) : Coordinator(std::move(options)) {
    listen();
  }

  bool drain_all() { return drain(std::chrono::milliseconds(10'000)); }
};

}  // namespace enxame::coordinator
