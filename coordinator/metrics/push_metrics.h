#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "wire/message.h"

namespace enxame::coordinator {

/// Who is at the other end of a WebSocket.
enum class PushRole {
  worker,
  client,
  keeper,  ///< says that a worker is there, wherever its tasks come from
};

inline constexpr std::array kPushRoles{PushRole::worker, PushRole::client, PushRole::keeper};

/// "worker", "client" or "keeper".
std::string_view to_string(PushRole role);

/// What WebSockets do, counted as it happens. Every series is there from the start. Thread-safe.
class PushMetrics {
 public:
  /// `registry` must outlive this.
  explicit PushMetrics(prometheus::Registry& registry);

  void received(wire::MessageKind kind, std::size_t bytes);
  void sent(wire::MessageKind kind, std::size_t bytes);

  /// A WebSocket that is open as long as this lives.
  class Open {
   public:
    Open(PushMetrics& metrics, PushRole role);
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() { gauge_.Decrement(); }

   private:
    prometheus::Gauge& gauge_;
  };

 private:
  struct Direction {
    // By kind; null where there can be none.
    std::array<prometheus::Counter*, wire::kMessageKinds + 1> messages{};
    prometheus::Counter* bytes = nullptr;
  };

  static void count(const Direction& direction, wire::MessageKind kind, std::size_t bytes);

  std::array<prometheus::Gauge*, kPushRoles.size()> open_{};  // by role
  std::array<prometheus::Counter*, kPushRoles.size()> opened_{};
  Direction received_;
  Direction sent_;
};

}  // namespace enxame::coordinator
