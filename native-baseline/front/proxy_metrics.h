#pragma once

#include <prometheus/collectable.h>

#include <vector>

#include "native-baseline/proxy/matmul_proxy.h"

namespace enxame::native {

/// What a proxy has found out about the products of its workers, read anew at each collection.
class ProxyMetrics : public prometheus::Collectable {
 public:
  /// `proxy` must outlive the last collection.
  explicit ProxyMetrics(const MatmulProxy& proxy) : proxy_(proxy) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const MatmulProxy& proxy_;
};

}  // namespace enxame::native
