#include "metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "metrics/test/page.h"

namespace enxame::metrics {
namespace {

using testing::HasSubstr;

http::Response ask(const http::Handler& handler, const std::string& method,
                   const std::string& path) {
  http::Request request;
  request.method = method;
  request.path = path;
  return handler(request);
}

TEST(Exposition, ShowsWhatIsRegisteredInPrometheusText) {
  Exposition exposition;
  prometheus::BuildCounter().Name("a_total").Help("A.").Register(exposition.registry()).Add({});
  const http::Response page = exposition.answer();
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(value_of(page.body, "# HELP a_total A.\n# TYPE a_total counter\na_total"), 0);
}

TEST(Exposition, TellsOfItsProcessUnderTheStandardNames) {
  const Exposition exposition;
  const std::string before = exposition.answer().body;
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GE(value_of(before, "process_cpu_seconds_total"), 0);
  EXPECT_GT(value_of(before, "process_resident_memory_bytes"), 1e6);
  EXPECT_GE(value_of(before, "process_virtual_memory_bytes"),
            value_of(before, "process_resident_memory_bytes"));
  EXPECT_GE(value_of(before, "process_max_fds"), 3);
  EXPECT_GT(value_of(before, "process_start_time_seconds"), now - 3600);
  EXPECT_LE(value_of(before, "process_start_time_seconds"), now + 1);
}

TEST(Exposition, CountsOpenFiles) {
  const Exposition exposition;
  const double before = value_of(exposition.answer().body, "process_open_fds");
  const int extra = dup(STDERR_FILENO);
  EXPECT_EQ(value_of(exposition.answer().body, "process_open_fds"), before + 1);
  close(extra);
}

TEST(MetricsOnly, AnswersOnePathToTwoMethods) {
  const Exposition exposition;
  const http::Handler handler = metrics_only(exposition);
  EXPECT_THAT(ask(handler, "GET", "/metrics").body, HasSubstr("process_open_fds"));
  EXPECT_EQ(ask(handler, "HEAD", "/metrics").status, 200);
  const http::Response posted = ask(handler, "POST", "/metrics");
  EXPECT_EQ(posted.status, 405);
  EXPECT_THAT(posted.body, HasSubstr("POST"));
  EXPECT_THAT(posted.headers, testing::Contains(testing::Pair("Allow", "GET, HEAD")));
  EXPECT_THROW(ask(handler, "GET", "/metrics/"), http::Error);
}

}  // namespace
}  // namespace enxame::metrics
