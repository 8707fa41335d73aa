#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/server_observer.h"

namespace enxame::metrics {

/// What an HTTP server tells of its connections and answers. Every series is there from the start.
/// Thread-safe.
class HttpMetrics : public http::ServerObserver {
 public:
  /// `routes` are the words that handlers put into http::Request::route; whatever has another, or
  /// none, is counted as "other". `registry` must outlive this.
  HttpMetrics(prometheus::Registry& registry, const std::vector<std::string_view>& routes);

  void opened() noexcept override;
  void turned_away() noexcept override;
  void closed() noexcept override;
  void answered(const http::Exchange& exchange) noexcept override;

 private:
  static constexpr std::array<std::string_view, 4> kStatusClasses{"2xx", "3xx", "4xx", "5xx"};

  struct Route {
    std::string name;
    std::array<prometheus::Histogram*, kStatusClasses.size()> durations{};  // by status class
  };

  const Route& find(std::string_view name) const;

  std::vector<Route> routes_;  // the last one is "other"
  prometheus::Gauge& connections_;
  prometheus::Counter& opened_;
  prometheus::Counter& turned_away_;
  prometheus::Counter& received_bytes_;
  prometheus::Counter& sent_bytes_;
};

}  // namespace enxame::metrics
