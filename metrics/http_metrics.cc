#include "metrics/http_metrics.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "metrics/buckets.h"

namespace enxame::metrics {

namespace {

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

/// 2xx is 0, 3xx is 1, …; a switch to WebSocket, 101, is counted with the successes; a status that
/// none of them covers is the server's fault.
std::size_t class_of(int status) {
  if (status == 101) return 0;
  return status < 200 || status > 599 ? 3 : static_cast<std::size_t>(status / 100 - 2);
}

}  // namespace

HttpMetrics::HttpMetrics(prometheus::Registry& registry,
                         const std::vector<std::string_view>& routes)
    : connections_(prometheus::BuildGauge()
                       .Name("enxame_http_connections")
                       .Help("Connections that are open.")
                       .Register(registry)
                       .Add({})),
      opened_(counter(registry, "enxame_http_connections_total", "Connections taken on.")),
      turned_away_(counter(registry, "enxame_http_refused_connections_total",
                           "Connections turned away for want of a place.")),
      received_bytes_(counter(registry, "enxame_http_received_bytes_total",
                              "Bytes of requests, heads included.")),
      sent_bytes_(
          counter(registry, "enxame_http_sent_bytes_total", "Bytes of answers, heads included.")) {
  auto& family = prometheus::BuildHistogram()
                     .Name("enxame_http_request_seconds")
                     .Help(
                         "Time from a request's first byte to its answer's last, the waiting of "
                         "long polls included.")
                     .Register(registry);
  for (const std::string_view name : routes) routes_.push_back({std::string(name)});
  routes_.push_back({"other"});
  for (Route& route : routes_) {
    for (std::size_t i = 0; i < kStatusClasses.size(); ++i) {
      route.durations[i] = &family.Add(
          {{"route", route.name}, {"status", std::string(kStatusClasses[i])}}, duration_buckets());
    }
  }
}

void HttpMetrics::opened() noexcept {
  connections_.Increment();
  opened_.Increment();
}

void HttpMetrics::turned_away() noexcept { turned_away_.Increment(); }

void HttpMetrics::closed() noexcept { connections_.Decrement(); }

void HttpMetrics::answered(const http::Exchange& exchange) noexcept {
  find(exchange.route)
      .durations[class_of(exchange.status)]
      ->Observe(std::chrono::duration<double>(exchange.duration).count());
  received_bytes_.Increment(static_cast<double>(exchange.received_bytes));
  sent_bytes_.Increment(static_cast<double>(exchange.sent_bytes));
}

const HttpMetrics::Route& HttpMetrics::find(std::string_view name) const {
  const auto found = std::find_if(routes_.begin(), routes_.end(),
                                  [name](const Route& route) { return route.name == name; });
  return found == routes_.end() ? routes_.back() : *found;
}

}  // namespace enxame::metrics
