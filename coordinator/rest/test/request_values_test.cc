#include "coordinator/rest/request_values.h"

#include <gtest/gtest.h>

namespace enxame::coordinator {
namespace {

template <typename Function>
int status_of(Function function) {
  try {
    function();
  } catch (const http::Error& error) {
    return error.status();
  }
  return 200;
}

http::Request with_query(std::string name, std::string value) {
  http::Request request;
  request.query = {{std::move(name), std::move(value)}};
  return request;
}

http::Request with_header(std::string name, std::string value) {
  http::Request request;
  request.headers = {{std::move(name), std::move(value)}};
  return request;
}

TEST(RequestValues, TaskIdsAreDigits) {
  EXPECT_EQ(parse_task_id("18446744073709551615"), 18446744073709551615u);
  for (const char* text : {"", "x", "-1", "+1", "1x", " 1", "1.0", "0x1"}) {
    EXPECT_EQ(status_of([&] { parse_task_id(text); }), 400) << text;
  }
  for (const char* text : {"0", "18446744073709551616", "99999999999999999999999999"}) {
    EXPECT_EQ(status_of([&] { parse_task_id(text); }), 404) << text;
  }
}

TEST(RequestValues, WorkerIdsCanStandInAHeader) {
  EXPECT_EQ(worker_id({}), "");
  EXPECT_EQ(worker_id(with_query("workerId", "w-1_a:b/c\"")), "w-1_a:b/c\"");
  for (const std::string& id : {std::string(), std::string("a b"), std::string("a\r\nb"),
                                std::string("\xc3\xa9"), std::string(129, 'x')}) {
    EXPECT_EQ(status_of([&] { worker_id(with_query("workerId", id)); }), 400) << id;
  }
}

TEST(RequestValues, WaitsAreBounded) {
  EXPECT_EQ(wait_time({}).count(), 0);
  EXPECT_EQ(wait_time(with_query("wait", "60000")).count(), 60'000);
  for (const char* text : {"", "60001", "-1", "1s", "1e3", "99999999999999999999"}) {
    EXPECT_EQ(status_of([&] { wait_time(with_query("wait", text)); }), 400) << text;
    EXPECT_EQ(status_of([&] { worker_count(with_query("count", text + std::string("x"))); }), 400);
  }
}

TEST(RequestValues, BodiesAreJsonUnlessTheySayOtherwise) {
  EXPECT_EQ(body_codec({}), Codec::json);
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "text/plain",
                           "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(body_codec(with_header("content-type", type)), Codec::json) << type;
  }
  EXPECT_EQ(body_codec(with_header("Content-Type", "application/octet-stream")), Codec::binary);
  for (const char* type : {"multipart/form-data", "image/png", "json"}) {
    EXPECT_EQ(status_of([&] { body_codec(with_header("Content-Type", type)); }), 415) << type;
  }
  EXPECT_EQ(status_of([] { body_codec(with_header("Content-Encoding", "gzip")); }), 415);
}

TEST(RequestValues, AnswersAreJsonUnlessBinaryIsAccepted) {
  EXPECT_EQ(wanted_codec({}), Codec::json);
  EXPECT_EQ(wanted_codec(with_header("Accept", "*/*")), Codec::json);
  EXPECT_EQ(wanted_codec(with_header("Accept", "application/octet-stream, */*")), Codec::binary);
  EXPECT_TRUE(wants_minimal(with_header("prefer", "return=minimal")));
  EXPECT_FALSE(wants_minimal(with_header("Prefer", "return=representation")));
}

TEST(RequestValues, TimingsAreMilliseconds) {
  EXPECT_EQ(worker_phases({}).total(), Duration::zero());
  EXPECT_EQ(worker_phases(with_header("Enxame-Timing", "compute;dur=1.5")).compute,
            std::chrono::microseconds(1'500));
  EXPECT_EQ(status_of([] { worker_phases(with_header("Enxame-Timing", "compute;dur=-1")); }), 400);
}

}  // namespace
}  // namespace enxame::coordinator
