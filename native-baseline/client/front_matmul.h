#pragma once

#include <chrono>
#include <string>

#include "http/client/client.h"
#include "matmul/matmul.h"
#include "matmul/timing/phases.h"

namespace enxame::native {

struct FrontMatmulOptions {
  std::chrono::milliseconds timeout{300'000};  ///< for the front to begin its answer
  http::ClientOptions http{};
};

/// Multiplies through the HTTP front of the native system, as a client of the original does:
/// POST /matmul with {"A":"[[1,2],[3,4]]","B":"…"}, answered with [[19,22],[43,50]]. Each thread
/// that multiplies has a connection of its own while it does.
///
/// Phases: `submit` ends when the request is written, `collect` begins when the head of the answer
/// is there. What lies between is in no phase, since the front does not say what it did; neither
/// does it say who computed, so the product names the front.
class FrontMatmul : public Matmul {
 public:
  /// `url` is "http://HOST:PORT". Throws std::invalid_argument for anything else; connects only
  /// when it multiplies.
  explicit FrontMatmul(const std::string& url, const FrontMatmulOptions& options = {});

  /// Throws ShapeError, TextError for numbers that have no text, and std::runtime_error, which
  /// names the front and what it said, when there is no product.
  Product multiply(const Matrix& a, const Matrix& b) override;

 private:
  http::Reply post(const Matrix& a, const Matrix& b, Duration& written_at);

  const FrontMatmulOptions options_;
  http::Client client_;
};

}  // namespace enxame::native
