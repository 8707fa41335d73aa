#include "wire/rest.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace enxame::wire::rest {
namespace {

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

const char* media_type(Codec codec) { return codec == Codec::binary ? kBinaryType : kJsonType; }

bool is_worker_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxWorkerIdBytes &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string to_header(const ProductTiming& timing) {
  std::vector<NamedDuration> metrics;
  each_metric(timing, [&](const char* name, Duration value) { metrics.push_back({name, value}); });
  return to_server_timing(metrics);
}

ProductTiming parse_product_timing(std::string_view header) {
  const std::vector<NamedDuration> metrics = parse_server_timing(header);
  ProductTiming timing;
  each_metric(timing,
              [&](const char* name, Duration& value) { value = duration_of(metrics, name); });
  return timing;
}

}  // namespace enxame::wire::rest
