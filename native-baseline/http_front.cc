#include "native-baseline/http_front.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "matmul/text_codec.h"
#include "native-baseline/matmul_proxy.h"

namespace enxame {
namespace {

using metrics::Phase;
using nlohmann::json;

constexpr std::string_view kMatmul = "/matmul";
constexpr std::string_view kHealth = "/health";
constexpr std::string_view kMetrics = "/metrics";
constexpr std::string_view kPreflight = "preflight";

json parse_body(const std::string& body) {
  json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) {
    throw http::Error(400,
                      "the body is not a JSON object such as {\"A\":\"[[1]]\",\"B\":\"[[2]]\"}");
  }
  return parsed;
}

Matrix factor(const json& body, const std::string& name) {
  const auto found = body.find(name);
  if (found == body.end()) throw http::Error(400, "the body has no \"" + name + "\"");
  if (!found->is_string()) {
    throw http::Error(400, "\"" + name + "\" is of type " + found->type_name() +
                               ", expected a string such as \"[[1,2],[3,4]]\"");
  }
  try {
    return decode_text<double>(found->get_ref<const std::string&>());
  } catch (const TextError& error) {
    throw http::Error(400, "\"" + name + "\": " + error.what());
  }
}

std::string multiply(Matmul& matmul, const std::string& body, metrics::PhaseMetrics& phases) {
  const json factors = parse_body(body);
  const Matrix a = factor(factors, "A");
  const Matrix b = factor(factors, "B");
  try {
    const Product product = matmul.multiply(a, b);
    phases.observe(product.phases);
    return encode_text(product.matrix);
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
  response.body = json{{"error", request.method + " is not allowed on " + request.path + ", only " +
                                     std::string(allowed)}}
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

http::Handler matmul_front(Matmul& matmul, FrontMetrics& metrics) {
  return [&matmul, &metrics](http::Request& request) -> http::Response {
    http::Response response;
    if (request.method == "OPTIONS") {
      request.route = kPreflight;
      return response;
    }
    if (request.path == kMatmul) {
      request.route = kMatmul;
      if (request.method != "POST") return method_not_allowed(request, "POST, OPTIONS");
      response.body = multiply(matmul, request.body, metrics.phases());
      return response;
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

}  // namespace enxame
