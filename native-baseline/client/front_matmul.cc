#include "native-baseline/client/front_matmul.h"

#include <stdexcept>
#include <string_view>

#include "json/envelope.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/stopwatch.h"

namespace enxame::native {
namespace {

constexpr std::size_t kMaxQuotedBytes = 200;

/// What the front says is wrong, or what it says instead.
std::string explanation(const http::Reply& reply) {
  try {
    return std::string(json::Envelope(reply.body).text("error"));
  } catch (const json::EnvelopeError&) {
    return "\"" + reply.body.substr(0, kMaxQuotedBytes) + "\"";
  }
}

}  // namespace

FrontMatmul::FrontMatmul(const std::string& url, const FrontMatmulOptions& options)
    : options_(options), client_(http::Origin::parse(url), options.http) {}

Product FrontMatmul::multiply(const Matrix& a, const Matrix& b) {
  const Duration started_at = monotonic_now();
  const Shape expected = product_shape(a.shape(), b.shape());
  Duration written_at{};
  http::Reply reply = post(a, b, written_at);
  const Duration answered_at = monotonic_now() - reply.receiving;
  const std::string front = to_string(client_.origin());
  try {
    Product product{decode_text<double>(reply.body), {}, front};
    if (product.matrix.shape() != expected) {
      throw std::invalid_argument("it is " + to_string(product.matrix.shape()) + ", expected " +
                                  to_string(expected));
    }
    reply.body = std::string();  // so that giving its memory back is in a phase, too
    product.phases.submit = written_at - started_at;
    product.phases.collect = monotonic_now() - answered_at;
    return product;
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(front + ": the product cannot be read: " + error.what());
  }
}

/// The answer, which is 200; `written_at` is when the request had been written.
http::Reply FrontMatmul::post(const Matrix& a, const Matrix& b, Duration& written_at) {
  const std::string text_a = encode_text(a);
  const std::string text_b = encode_text(b);
  // The text of a matrix has nothing that JSON would want escaped.
  http::Reply reply = client_.send({.method = "POST",
                                    .target = "/matmul",
                                    .content_type = "application/json",
                                    .pieces = {R"({"A":")", text_a, R"(","B":")", text_b, "\"}"},
                                    .patience = options_.timeout,
                                    .after_write = [&] { written_at = monotonic_now(); }});
  if (reply.status != 200) {
    throw std::runtime_error(to_string(client_.origin()) + ": POST /matmul: " +
                             std::to_string(reply.status) + ": " + explanation(reply));
  }
  return reply;
}

}  // namespace enxame::native
