#include "native-baseline/front/http_front.h"

#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "http/response_head.h"
#include "json/envelope.h"
#include "matmul/codec/text_codec.h"
#include "native-baseline/local/memory_budget.h"
#include "native-baseline/proxy/matmul_proxy.h"

namespace enxame::native {
namespace {

using metrics::Phase;

constexpr std::string_view kMatmul = "/matmul";
constexpr std::string_view kHealth = "/health";
constexpr std::string_view kMetrics = "/metrics";
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

std::string multiply(Matmul& matmul, const std::string& body, metrics::PhaseMetrics& phases,
                     const FrontBounds& bounds, const MemoryBudget& memory) {
  MemoryBudget::Share share(memory);
  share.grow_to(factors_bytes(body));
  const json::Envelope factors(body);
  const Matrix a = factor(factors, "A");
  const Matrix b = factor(factors, "B");
  const Shape shape = product_shape(a.shape(), b.shape());
  check_product(shape, bounds.max_product_bytes);
  share.grow_by(product_bytes(shape));
  const Product product = matmul.multiply(a, b);
  phases.observe(product.phases);
  return encode_text(product.matrix);
}

/// The answer to POST /matmul. What goes wrong becomes the status that says whose fault it is.
http::Response answer_product(Matmul& matmul, const std::string& body,
                              metrics::PhaseMetrics& phases, const FrontBounds& bounds,
                              const MemoryBudget& memory) {
  try {
    http::Response response;
    response.body = multiply(matmul, body, phases, bounds, memory);
    return response;
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
}

http::Response method_not_allowed(const http::Request& request, std::string_view allowed) {
  http::Response response;
  response.status = 405;
  response.body = nlohmann::json{{"error", request.method + " is not allowed on " + request.path +
                                               ", only " + std::string(allowed)}}
                      .dump();
  response.headers = {{"Allow", std::string(allowed)}};
  return response;
}

}  // namespace

FrontMetrics::FrontMetrics()
    : http_(exposition_.registry(), {kMatmul, kHealth, kMetrics, kPreflight}),
      phases_(exposition_.registry(),
              {Phase::submit, Phase::queue, Phase::dispatch, Phase::decode, Phase::compute,
               Phase::encode, Phase::return_trip, Phase::collect}) {}

http::Handler matmul_front(Matmul& matmul, FrontMetrics& metrics, FrontBounds bounds) {
  const auto memory = std::make_shared<MemoryBudget>(bounds.max_memory_bytes);
  return [&matmul, &metrics, bounds, memory](http::Request& request) -> http::Response {
    http::Response response;
    if (request.method == "OPTIONS") {
      request.route = kPreflight;
      return response;
    }
    if (request.path == kMatmul) {
      request.route = kMatmul;
      if (request.method != "POST") return method_not_allowed(request, "POST, OPTIONS");
      return answer_product(matmul, request.body, metrics.phases(), bounds, *memory);
    }
    if (request.path == kHealth) {
      request.route = kHealth;
      if (request.method != "GET") return method_not_allowed(request, "GET, OPTIONS");
      response.body = R"({"status":"ok"})";
      return response;
    }
    if (request.path == kMetrics) {
      request.route = kMetrics;
      if (request.method != "GET") return method_not_allowed(request, "GET, OPTIONS");
      return metrics.answer();
    }
    throw http::Error(404,
                      "unknown path " + request.path + ", expected /matmul, /health or /metrics");
  };
}

http::ServerOptions front_options(http::ServerOptions options) {
  options.access.methods = "GET, POST, OPTIONS";
  options.access.request_headers = "Content-Type";
  return options;
}

}  // namespace enxame::native
