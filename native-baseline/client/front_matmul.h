#pragma once

#include <chrono>
#include <string>

#include "http/client/client.h"
#include "matmul/matmul.h"
#include "matmul/timing/clock_offset.h"

namespace enxame::native {

struct FrontMatmulOptions {
  std::chrono::milliseconds timeout{300'000};  ///< for the front to begin its answer
  http::ClientOptions http{};
};

/// Multiplies through the HTTP front of the native system, as a client of the original does:
/// POST /matmul with {"A":"[[1,2],[3,4]]","B":"…"}, answered with [[19,22],[43,50]]. Each thread
/// that multiplies has a connection of its own while it does.
///
/// Phases: `submit` ends when the front's Matmul had handed the task over, `collect` begins when it
/// had the product; what lies between comes from the front, with the name of the worker
/// (wire/product_timing.h). A front that says neither, as the original's: `submit` ends when the
/// request is written, `collect` begins when the head of the answer is there, what lies between is
/// in no phase, and the product names the front.
class FrontMatmul : public Matmul {
 public:
  /// `url` is "http://HOST:PORT". Throws std::invalid_argument for anything else; connects only
  /// when it multiplies.
  explicit FrontMatmul(const std::string& url, const FrontMatmulOptions& options = {});

  /// Throws ShapeError, TextError for numbers that have no text, and std::runtime_error, which
  /// names the front and what it said, when there is no product.
  Product multiply(const Matrix& a, const Matrix& b) override;

 private:
  /// What was answered; when, on this process's clock, the request set off and had been written,
  /// and the head of the answer was here.
  struct Answer {
    http::Reply reply;
    Duration sent_at{};
    Duration written_at{};
    Duration answered_at{};
  };

  Answer post(const Matrix& a, const Matrix& b);
  Phases phases_since(Duration called_at, const Answer& answer);

  const FrontMatmulOptions options_;
  http::Client client_;
  ClockOffset clock_;  // the front's
};

}  // namespace enxame::native
