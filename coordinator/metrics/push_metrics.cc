#include "coordinator/metrics/push_metrics.h"

#include <string>
#include <vector>

namespace enxame::coordinator {

namespace {

using wire::MessageKind;

}  // namespace

std::string_view to_string(PushRole role) {
  constexpr std::array<std::string_view, kPushRoles.size()> kNames{"worker", "client", "keeper"};
  return kNames[static_cast<std::size_t>(role)];
}

PushMetrics::PushMetrics(prometheus::Registry& registry) {
  auto& open = prometheus::BuildGauge()
                   .Name("enxame_websocket_connections")
                   .Help("WebSockets that are open.")
                   .Register(registry);
  auto& opened = prometheus::BuildCounter()
                     .Name("enxame_websocket_connections_total")
                     .Help("WebSockets opened.")
                     .Register(registry);
  for (const PushRole role : kPushRoles) {
    const prometheus::Labels labels{{"role", std::string(to_string(role))}};
    open_[static_cast<std::size_t>(role)] = &open.Add(labels);
    opened_[static_cast<std::size_t>(role)] = &opened.Add(labels);
  }
  auto& messages = prometheus::BuildCounter()
                       .Name("enxame_websocket_messages_total")
                       .Help("Messages over WebSockets, as the coordinator sees them.")
                       .Register(registry);
  auto& bytes = prometheus::BuildCounter()
                    .Name("enxame_websocket_bytes_total")
                    .Help("Bytes of messages over WebSockets, frames' heads left out.")
                    .Register(registry);
  const auto add = [&](Direction& direction, const std::string& name,
                       const std::vector<wire::MessageKind>& kinds) {
    for (const wire::MessageKind kind : kinds) {
      direction.messages[static_cast<std::size_t>(kind)] =
          &messages.Add({{"direction", name}, {"kind", std::string(wire::to_string(kind))}});
    }
    direction.bytes = &bytes.Add({{"direction", name}});
  };
  add(received_, "received",
      {wire::MessageKind::product, wire::MessageKind::refused, wire::MessageKind::failed,
       wire::MessageKind::submit, wire::MessageKind::missing, wire::MessageKind::keep});
  add(sent_, "sent",
      {wire::MessageKind::multiply, wire::MessageKind::refused, wire::MessageKind::failed,
       wire::MessageKind::delivered, wire::MessageKind::operand, wire::MessageKind::multiply_kept});
}

void PushMetrics::received(wire::MessageKind kind, std::size_t bytes) {
  count(received_, kind, bytes);
}

void PushMetrics::sent(wire::MessageKind kind, std::size_t bytes) { count(sent_, kind, bytes); }

void PushMetrics::count(const Direction& direction, wire::MessageKind kind, std::size_t bytes) {
  prometheus::Counter* messages = direction.messages[static_cast<std::size_t>(kind)];
  if (messages != nullptr) messages->Increment();
  direction.bytes->Increment(static_cast<double>(bytes));
}

PushMetrics::Open::Open(PushMetrics& metrics, PushRole role)
    : gauge_(*metrics.open_[static_cast<std::size_t>(role)]) {
  gauge_.Increment();
  metrics.opened_[static_cast<std::size_t>(role)]->Increment();
}

}  // namespace enxame::coordinator
