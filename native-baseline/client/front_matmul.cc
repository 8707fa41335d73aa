#include "native-baseline/client/front_matmul.h"

#include <stdexcept>
#include <string_view>

#include "json/envelope.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/stopwatch.h"
#include "wire/product_timing.h"
#include "wire/rest.h"

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
  const Duration called_at = monotonic_now();
  const Shape expected = product_shape(a.shape(), b.shape());
  Answer answer = post(a, b);
  const std::string front = to_string(client_.origin());
  const std::string_view worker = answer.reply.header(wire::rest::kWorkerHeader);
  try {
    Product product{
        decode_text<double>(answer.reply.body), {}, worker.empty() ? front : std::string(worker)};
    if (product.matrix.shape() != expected) {
      throw std::invalid_argument("it is " + to_string(product.matrix.shape()) + ", expected " +
                                  to_string(expected));
    }
    answer.reply.body = std::string();  // so that giving its memory back is in a phase, too
    product.phases = phases_since(called_at, answer);
    return product;
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(front + ": the product cannot be read: " + error.what());
  }
}

/// The phases of a product that is decoded now.
Phases FrontMatmul::phases_since(Duration called_at, const Answer& answer) {
  const auto timing =
      wire::rest::parse_product_timing(answer.reply.header(wire::rest::kProductTimingHeader));
  if (timing.accepted_at == Duration::zero()) {
    Phases phases;
    phases.submit = answer.written_at - called_at;
    phases.collect = monotonic_now() - answer.answered_at;
    return phases;
  }
  return client_phases(timing, {called_at, answer.sent_at, answer.answered_at, monotonic_now()},
                       clock_);
}

/// The answer, which is 200.
FrontMatmul::Answer FrontMatmul::post(const Matrix& a, const Matrix& b) {
  const std::string text_a = encode_text(a);
  const std::string text_b = encode_text(b);
  Answer answer{.sent_at = monotonic_now()};
  // The text of a matrix has nothing that JSON would want escaped.
  answer.reply = client_.send({.method = "POST",
                               .target = "/matmul",
                               .content_type = wire::rest::kJsonType,
                               .pieces = {R"({"A":")", text_a, R"(","B":")", text_b, "\"}"},
                               .patience = options_.timeout,
                               .after_write = [&] { answer.written_at = monotonic_now(); }});
  answer.answered_at = monotonic_now() - answer.reply.receiving;
  if (answer.reply.status != 200) {
    throw std::runtime_error(to_string(client_.origin()) +
                             ": POST /matmul: " + std::to_string(answer.reply.status) + ": " +
                             explanation(answer.reply));
  }
  return answer;
}

}  // namespace enxame::native
