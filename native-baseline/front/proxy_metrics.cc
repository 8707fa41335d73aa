#include "native-baseline/front/proxy_metrics.h"

#include "metrics/families.h"

namespace enxame::native {

std::vector<prometheus::MetricFamily> ProxyMetrics::Collect() const {
  const VerifiedProducts verified = proxy_.verified();
  return {metrics::counters("enxame_products_verified_total",
                            "Products, or tiles, of workers that were verified.",
                            {{{{"outcome", "right"}}, static_cast<double>(verified.right)},
                             {{{"outcome", "wrong"}}, static_cast<double>(verified.wrong)}}),
          metrics::gauge("enxame_workers_quarantined",
                         "Workers that get no task any more, because a product was wrong.",
                         static_cast<double>(verified.quarantined_workers))};
}

}  // namespace enxame::native
