#include "wire/product_timing.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace enxame::wire::rest {
namespace {

/// So that what a server says can be added up.
constexpr Duration kLongest = std::chrono::years{10};

/// Calls `use(name, duration)` for each metric of the header, in order.
template <typename Timing, typename Use>
void each_metric(Timing& timing, Use use) {
  use("queue", timing.phases.queue);
  use("dispatch", timing.phases.dispatch);
  use("decode", timing.phases.worker.decode);
  use("compute", timing.phases.worker.compute);
  use("encode", timing.phases.worker.encode);
  use("return", timing.phases.return_trip);
  use("collect", timing.collect);
  use("clock-error", timing.phases.clock_error);
  use("accepted", timing.accepted_at);
  use("asked", timing.asked_at);
  use("finished", timing.finished_at);
}

}  // namespace

std::string to_header(const ProductTiming& timing) {
  std::vector<NamedDuration> metrics;
  each_metric(timing, [&](const char* name, Duration value) { metrics.push_back({name, value}); });
  return to_server_timing(metrics);
}

ProductTiming parse_product_timing(std::string_view header) {
  const std::vector<NamedDuration> metrics = parse_server_timing(header);
  ProductTiming timing;
  each_metric(timing, [&](const char* name, Duration& value) {
    value = duration_of(metrics, name);
    if (value <= kLongest) return;
    throw std::invalid_argument("Server-Timing: " + std::string(name) + " is " +
                                std::to_string(value.count()) + " ns, expected at most ten years");
  });
  return timing;
}

Phases client_phases(const ProductTiming& timing, const ClientTimes& times,
                     ClockOffset& server_clock) {
  const ClockOffset::Estimate estimate = server_clock.observe(
      {times.sent_at, timing.asked_at, timing.finished_at + timing.collect, times.answered_at});
  const Ways ways =
      ways_of({times.called_at, timing.accepted_at, timing.finished_at, times.done_at}, estimate);
  Phases phases = timing.phases;
  phases.submit = ways.dispatch;
  phases.collect = ways.return_trip;
  phases.clock_error = std::max(phases.clock_error, ways.error);
  return phases;
}

}  // namespace enxame::wire::rest
