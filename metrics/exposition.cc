#include "metrics/exposition.h"

#include <prometheus/text_serializer.h>

#include <iterator>
#include <utility>

#include "http/response_head.h"

namespace enxame::metrics {

http::Response Exposition::answer() const {
  std::vector<prometheus::MetricFamily> families;
  for (const prometheus::Collectable* source : sources_) {
    std::vector<prometheus::MetricFamily> some = source->Collect();
    families.insert(families.end(), std::make_move_iterator(some.begin()),
                    std::make_move_iterator(some.end()));
  }
  const prometheus::TextSerializer serializer;
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = serializer.Serialize(families),
          .headers = {{"Cache-Control", "no-store"}}};
}

http::Handler metrics_only(const Exposition& exposition) {
  return [&exposition](http::Request& request) -> http::Response {
    if (request.path != "/metrics") {
      throw http::Error(404, "there is nothing at \"" + request.path + "\", expected /metrics");
    }
    if (request.method == "GET" || request.method == "HEAD") return exposition.answer();
    http::Response response = http::to_response(
        http::Error(405, "/metrics does not take " + request.method + ", expected GET or HEAD"));
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  };
}

}  // namespace enxame::metrics
