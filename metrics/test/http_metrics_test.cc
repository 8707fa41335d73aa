#include "metrics/http_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/exposition.h"
#include "metrics/test/page.h"

namespace enxame::metrics {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class HttpMetricsTest : public testing::Test {
 protected:
  std::string page() const { return exposition_.answer().body; }

  Exposition exposition_;
  HttpMetrics metrics_{exposition_.registry(), {"/task", "/result/{id}"}};
};

TEST_F(HttpMetricsTest, EverySeriesIsThereBeforeItsFirstEvent) {
  for (const std::string route : {"/task", "/result/{id}", "other"}) {
    for (const std::string status : {"2xx", "3xx", "4xx", "5xx"}) {
      const std::string labels = "{route=\"" + route + "\",status=\"" + status + "\"}";
      EXPECT_EQ(value_of(page(), "enxame_http_request_seconds_count" + labels), 0);
    }
  }
  for (const std::string name :
       {"enxame_http_connections", "enxame_http_connections_total",
        "enxame_http_refused_connections_total", "enxame_http_received_bytes_total",
        "enxame_http_sent_bytes_total"}) {
    EXPECT_EQ(value_of(page(), name), 0);
  }
}

TEST_F(HttpMetricsTest, AnswersAreCountedByRouteAndStatusClass) {
  metrics_.answered({"/task", 201, milliseconds(3), 100, 200});
  metrics_.answered({"/task", 404, milliseconds(3), 10, 20});
  metrics_.answered({"/etc/passwd", 404, milliseconds(3), 1, 2});
  metrics_.answered({"", 999, milliseconds(3), 1, 2});
  const std::string text = page();
  EXPECT_EQ(value_of(text, "enxame_http_request_seconds_count{route=\"/task\",status=\"2xx\"}"), 1);
  EXPECT_EQ(value_of(text, "enxame_http_request_seconds_count{route=\"/task\",status=\"4xx\"}"), 1);
  EXPECT_EQ(value_of(text, "enxame_http_request_seconds_count{route=\"other\",status=\"4xx\"}"), 1);
  EXPECT_EQ(value_of(text, "enxame_http_request_seconds_count{route=\"other\",status=\"5xx\"}"), 1);
  EXPECT_THAT(text, Not(HasSubstr("passwd")));
  EXPECT_EQ(value_of(text, "enxame_http_received_bytes_total"), 112);
  EXPECT_EQ(value_of(text, "enxame_http_sent_bytes_total"), 224);
}

TEST_F(HttpMetricsTest, DurationsFallIntoLogarithmicBuckets) {
  metrics_.answered({"/task", 200, std::chrono::microseconds(15), 0, 0});
  metrics_.answered({"/task", 200, std::chrono::seconds(30), 0, 0});
  const std::string series =
      "enxame_http_request_seconds_bucket{route=\"/task\",status=\"2xx\",le=";
  EXPECT_EQ(value_of(page(), series + "\"1e-05\"}"), 0);
  EXPECT_EQ(value_of(page(), series + "\"2e-05\"}"), 1);
  EXPECT_EQ(value_of(page(), series + "\"20\"}"), 1);
  EXPECT_EQ(value_of(page(), series + "\"50\"}"), 2);
  EXPECT_EQ(value_of(page(), series + "\"+Inf\"}"), 2);
}

TEST_F(HttpMetricsTest, ConnectionsComeAndGo) {
  metrics_.opened();
  metrics_.opened();
  metrics_.closed();
  metrics_.turned_away();
  EXPECT_EQ(value_of(page(), "enxame_http_connections"), 1);
  EXPECT_EQ(value_of(page(), "enxame_http_connections_total"), 2);
  EXPECT_EQ(value_of(page(), "enxame_http_refused_connections_total"), 1);
}

}  // namespace
}  // namespace enxame::metrics
