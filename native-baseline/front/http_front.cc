#include "native-baseline/front/http_front.h"

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server/router.h"
#include "json/envelope.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/local/memory_budget.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "wire/product_timing.h"
#include "wire/rest.h"

namespace enxame::native {
namespace {

using metrics::Phase;

constexpr std::string_view kPreflight = "preflight";

Matrix factor(const json::Envelope& body, const char* name) {
  try {
    return decode_text<double>(body.text(name));
  } catch (const TextError& error) {
    throw http::Error(400, std::string("\"") + name + "\": " + error.what());
  }
}

/// Texts that there may be besides the one that a client sent or gets: one without its escapes, or
/// one that moves as it is written; and one for, or from, a worker.
constexpr std::size_t kTexts = 3;

/// What reading a body takes: the matrices of its texts, and their texts.
std::size_t factors_bytes(const std::string& body) {
  return most_elements(body) * sizeof(double) + kTexts * body.size();
}

/// What a product takes: its elements, and its texts.
std::size_t product_bytes(Shape shape) {
  return shape.size() * sizeof(double) + kTexts * most_text_bytes(shape);
}

void check_product(Shape shape, std::size_t max_bytes) {
  const std::size_t bytes = most_text_bytes(shape);
  if (bytes <= max_bytes) return;
  throw http::Error(413, "the product is " + to_string(shape) + ", of which the text may take " +
                             std::to_string(bytes) + " bytes: at most " +
                             std::to_string(max_bytes) + " are given (--max-product)");
}

/// Of a product that was asked for with a request read at `asked_at`, whose multiplication began at
/// `called_at`, and which is a text by now. What the Matmul did to hand the task over is part of
/// the client's `submit`, and what it did with the product when it had it is part of its `collect`.
wire::rest::ProductTiming timing_of(const Phases& phases, Duration asked_at, Duration called_at) {
  wire::rest::ProductTiming timing{.phases = phases, .asked_at = asked_at};
  timing.accepted_at = called_at + phases.submit;
  timing.finished_at = called_at + phases.total() - phases.collect;
  timing.collect = std::max(monotonic_now() - timing.finished_at, Duration::zero());
  return timing;
}

/// What the front answers.
class Front {
 public:
  Front(Matmul& matmul, FrontMetrics& metrics, const FrontBounds& bounds)
      : matmul_(matmul), metrics_(metrics), bounds_(bounds), memory_(bounds.max_memory_bytes) {}

  static http::Router<Front> router() {
    static constexpr std::array<http::Route<Front>, 3> kRoutes{{
        {"POST", "/matmul", &Front::multiply},
        {"GET", "/health", &Front::health, false, http::Role::anyone},
        {"GET", "/metrics", &Front::metrics},
    }};
    return http::Router<Front>(kRoutes);
  }

  http::Response answer(http::Request& request) {
    if (request.method == "OPTIONS") {
      request.route = kPreflight;
      return {};
    }
    if (auto answer = router().answer(*this, request)) return std::move(*answer);
    throw http::Error(404,
                      "unknown path " + request.path + ", expected /matmul, /health or /metrics");
  }

 private:
  /// What goes wrong becomes the status that says whose fault it is.
  http::Response multiply(http::Request& request) try {
    return product_answer(request.body);
  } catch (const NoRoom& error) {
    if (error.for_ever()) throw http::Error(413, error.what());
    throw http::Error(503, error.what());
  } catch (const std::bad_alloc&) {
    throw http::Error(503, "out of memory");
  } catch (const json::EnvelopeError& error) {
    throw http::Error(400, std::string(error.what()) +
                               R"(; a body is such as {"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})");
  } catch (const ShapeError& error) {
    throw http::Error(400, error.what());
  } catch (const TaskRefused& error) {
    throw http::Error(400, error.what());
  } catch (const TextError& error) {
    throw http::Error(400, std::string("the product has no text: ") + error.what());
  } catch (const WorkersUnavailable& error) {
    throw http::Error(error.timed_out() ? 504 : 502, error.what());
  }

  http::Response product_answer(const std::string& body) {
    const Duration asked_at = monotonic_now();
    MemoryBudget::Share share(memory_);
    share.grow_to(factors_bytes(body));
    const json::Envelope factors(body);
    const Matrix a = factor(factors, "A");
    const Matrix b = factor(factors, "B");
    const Shape shape = product_shape(a.shape(), b.shape());
    check_product(shape, bounds_.max_product_bytes);
    share.grow_by(product_bytes(shape));
    const Duration called_at = monotonic_now();
    const Product product = matmul_.multiply(a, b);
    metrics_.phases().observe(product.phases);
    http::Response answer{.body = encode_text(product.matrix)};
    if (!product.worker.empty()) {
      answer.headers.emplace_back(wire::rest::kWorkerHeader, product.worker);
    }
    answer.headers.emplace_back(wire::rest::kProductTimingHeader,
                                to_header(timing_of(product.phases, asked_at, called_at)));
    return answer;
  }

  http::Response health(http::Request&) { return {.body = R"({"status":"ok"})"}; }

  http::Response metrics(http::Request&) { return metrics_.answer(); }

  Matmul& matmul_;
  FrontMetrics& metrics_;
  const FrontBounds bounds_;
  const MemoryBudget memory_;
};

std::vector<std::string_view> route_names() {
  std::vector<std::string_view> names = Front::router().patterns();
  names.push_back(kPreflight);
  return names;
}

}  // namespace

FrontMetrics::FrontMetrics()
    : http_(exposition_.registry(), route_names()),
      phases_(exposition_.registry(),
              {Phase::submit, Phase::queue, Phase::dispatch, Phase::decode, Phase::compute,
               Phase::encode, Phase::return_trip, Phase::collect}) {}

void FrontMetrics::watch(const MatmulProxy& proxy) { exposition_.add(proxy_.emplace(proxy)); }

http::Handler matmul_front(Matmul& matmul, FrontMetrics& metrics, FrontBounds bounds) {
  return [front = std::make_shared<Front>(matmul, metrics, bounds)](http::Request& request) {
    return front->answer(request);
  };
}

http::ServerOptions front_options(http::ServerOptions options) {
  options.access.methods = "GET, POST, OPTIONS";
  options.access.request_headers = "Authorization, Content-Type";
  options.authentication.role_of = [](const http::Request& request) {
    return Front::router().role_of(request.path);
  };
  options.access.exposed_headers =
      std::string(wire::rest::kWorkerHeader) + ", " + wire::rest::kProductTimingHeader;
  return options;
}

}  // namespace enxame::native
