#pragma once

#include <cstddef>
#include <optional>

#include "http/server/server.h"
#include "matmul/matmul.h"
#include "metrics/exposition.h"
#include "metrics/http_metrics.h"
#include "metrics/phase_metrics.h"
#include "native-baseline/front/proxy_metrics.h"

namespace enxame::native {

/// What the front tells Prometheus: its process, its HTTP server, the phases of its multiplications
/// and, where workers compute them, how many of their products were right.
class FrontMetrics {
 public:
  FrontMetrics();

  /// For http::ServerOptions.
  http::ServerObserver& observer() { return http_; }

  metrics::PhaseMetrics& phases() { return phases_; }

  /// Adds what `proxy` finds out about its workers. To be called once, before the first answer();
  /// `proxy` must outlive the last one.
  void watch(const MatmulProxy& proxy);

  /// The page.
  http::Response answer() const { return exposition_.answer(); }

 private:
  metrics::Exposition exposition_;
  metrics::HttpMetrics http_;
  metrics::PhaseMetrics phases_;
  std::optional<ProxyMetrics> proxy_;
};

/// What the front takes on.
struct FrontBounds {
  /// The most that the text of a product may take, as its shape tells before it is computed.
  std::size_t max_product_bytes = std::size_t{256} << 20;
  /// What requests that are handled at the same time may take together, besides their bodies.
  std::size_t max_memory_bytes = std::size_t{8} << 30;
};

/// Answers as the HTTP front of the original system:
///
///   POST /matmul  {"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}   200 [[19,22],[43,50]]
///   GET  /health                                              200 {"status":"ok"}
///   GET  /metrics                                             200, as Prometheus reads it
///   OPTIONS, any path                                         200
///
/// A product comes with two headers that clients of the original pass over: Enxame-Worker, who
/// computed it, where the Matmul says so, and Server-Timing, where the time went
/// (wire/product_timing.h).
///
/// Errors: 400 with the reason for a body that is not two matrices that can be multiplied, 404, 405
/// with Allow, 413 for a product beyond `bounds`, 502 when the workers cannot deliver, 503 with
/// Retry-After while other requests take the memory and 504 when a worker ran out of time. `matmul`
/// and `metrics` must outlive the handler.
http::Handler matmul_front(Matmul& matmul, FrontMetrics& metrics, FrontBounds bounds = {});

/// `options` with what pages of an origin that is let in need to use the front.
http::ServerOptions front_options(http::ServerOptions options);

}  // namespace enxame::native
