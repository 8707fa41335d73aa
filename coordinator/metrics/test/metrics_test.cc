// The metrics as Prometheus gets them: over HTTP, from a coordinator that works.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/test/api_server.h"
#include "coordinator/store/test/store_fixture.h"
#include "http/test/raw_peer.h"
#include "metrics/test/page.h"

namespace enxame::coordinator {
namespace {

using http::body_of;
using http::RawPeer;
using http::status_of;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTask = R"({"A":"[[2]]","B":"[[3]]"})";

/// A coordinator and a connection to it, whose requests are counted before the next one is read.
class CoordinatorMetricsTest : public testing::Test {
 protected:
  std::string ask(const std::string& method, const std::string& target,
                  const std::string& body = "", const std::string& fields = "") {
    peer_.send(method + " " + target + " HTTP/1.1\r\n" + fields +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return peer_.receive_answer(method != "HEAD");
  }
  void claim_one() {
    ask("POST", "/task", kTask);
    ask("GET", "/task/next?workerId=w1");
  }
  std::string page() { return body_of(ask("GET", "/metrics")); }

  /// A clock that goes as the real one does, but behind it, so that a test can move it forward. Not
  /// by more than the machine has been up for: clocks do not go below zero.
  std::chrono::steady_clock::time_point now() const {
    return std::chrono::steady_clock::now() - std::chrono::minutes(3) + ahead_.load();
  }
  void advance(std::chrono::seconds time) { ahead_ = ahead_.load() + time; }

  std::atomic<std::chrono::seconds> ahead_{};
  ApiServer server_{
      {.store = {.limits = {.attempts = 2}}, .broker = {.now = [this] { return now(); }}}};
  RawPeer peer_{server_.port()};
};

TEST_F(CoordinatorMetricsTest, EverySeriesIsThereBeforeItsFirstEvent) {
  const std::string text = page();
  for (const std::string series :
       {"enxame_tasks_submitted_total",
        "enxame_tasks_finished_total{state=\"completed\"}",
        "enxame_tasks_finished_total{state=\"failed\"}",
        "enxame_tasks{state=\"pending\"}",
        "enxame_tasks{state=\"processing\"}",
        "enxame_task_attempts_total",
        "enxame_task_returns_total{reason=\"lease-expired\"}",
        "enxame_task_returns_total{reason=\"rejected\"}",
        "enxame_task_returns_total{reason=\"given-back\"}",
        "enxame_task_returns_total{reason=\"lost\"}",
        "enxame_websocket_connections{role=\"worker\"}",
        "enxame_websocket_connections{role=\"client\"}",
        "enxame_websocket_connections_total{role=\"worker\"}",
        "enxame_websocket_connections_total{role=\"client\"}",
        "enxame_websocket_messages_total{direction=\"sent\",kind=\"multiply\"}",
        "enxame_websocket_messages_total{direction=\"sent\",kind=\"delivered\"}",
        "enxame_websocket_messages_total{direction=\"received\",kind=\"product\"}",
        "enxame_websocket_messages_total{direction=\"received\",kind=\"submit\"}",
        "enxame_websocket_bytes_total{direction=\"sent\"}",
        "enxame_websocket_bytes_total{direction=\"received\"}",
        "enxame_claimants",
        "enxame_store_bytes",
        "enxame_tasks_forgotten_total",
        "enxame_tasks_refused_total{reason=\"queue-full\"}",
        "enxame_tasks_refused_total{reason=\"store-full\"}",
        "enxame_tasks_refused_total{reason=\"too-large\"}",
        "enxame_journal_transactions_total",
        "enxame_journal_entries_total",
        "enxame_journal_waiting",
        "enxame_workers{state=\"asking\"}",
        "enxame_workers{state=\"working\"}",
        "enxame_workers{state=\"silent\"}",
        "enxame_task_phase_seconds_count{phase=\"queue\"}",
        "enxame_task_phase_seconds_count{phase=\"dispatch\"}",
        "enxame_task_phase_seconds_count{phase=\"decode\"}",
        "enxame_task_phase_seconds_count{phase=\"compute\"}",
        "enxame_task_phase_seconds_count{phase=\"encode\"}",
        "enxame_task_phase_seconds_count{phase=\"return\"}",
        "enxame_task_phase_seconds_count{phase=\"collect\"}",
        "enxame_http_request_seconds_count{route=\"/task/{id}/result\",status=\"2xx\"}",
        "enxame_http_request_seconds_count{route=\"site\",status=\"2xx\"}",
        "enxame_http_request_seconds_count{route=\"preflight\",status=\"2xx\"}",
        "enxame_http_request_seconds_count{route=\"other\",status=\"5xx\"}"}) {
    EXPECT_EQ(metrics::value_of(text, series), 0);
  }
}

TEST_F(CoordinatorMetricsTest, FollowsATaskThroughItsLife) {
  ask("POST", "/task", kTask);
  EXPECT_EQ(metrics::value_of(page(), "enxame_tasks{state=\"pending\"}"), 1);
  ask("GET", "/task/next?workerId=w1");
  EXPECT_EQ(metrics::value_of(page(), "enxame_tasks{state=\"processing\"}"), 1);
  EXPECT_EQ(metrics::value_of(page(), "enxame_workers{state=\"working\"}"), 1);
  advance(std::chrono::seconds(2));
  ask("POST", "/task/1/result?workerId=w1", R"({"result":"[[6]]"})",
      "Enxame-Timing: decode;dur=250, compute;dur=1000, encode;dur=500\r\n");
  ask("GET", "/result/1");
  const std::string text = page();
  EXPECT_EQ(metrics::value_of(text, "enxame_tasks{state=\"processing\"}"), 0);
  EXPECT_EQ(metrics::value_of(text, "enxame_tasks_finished_total{state=\"completed\"}"), 1);
  EXPECT_EQ(metrics::value_of(text, "enxame_task_phase_seconds_sum{phase=\"decode\"}"), 0.25);
  EXPECT_EQ(metrics::value_of(text, "enxame_task_phase_seconds_sum{phase=\"compute\"}"), 1);
  EXPECT_EQ(metrics::value_of(text, "enxame_task_phase_seconds_sum{phase=\"encode\"}"), 0.5);
  // The two seconds that the clock went on, less what the worker said of them, and a moment.
  EXPECT_GE(metrics::value_of(text, "enxame_task_phase_seconds_sum{phase=\"dispatch\"}") +
                metrics::value_of(text, "enxame_task_phase_seconds_sum{phase=\"return\"}"),
            0.25);
  EXPECT_EQ(metrics::value_of(text, "enxame_task_phase_seconds_count{phase=\"collect\"}"), 1);
  EXPECT_EQ(
      metrics::value_of(
          text, "enxame_http_request_seconds_count{route=\"/task/{id}/result\",status=\"2xx\"}"),
      1);
}

TEST_F(CoordinatorMetricsTest, AProductThatIsSentTwiceIsCountedOnce) {
  claim_one();
  ask("POST", "/task/1/result", R"({"result":"[[6]]"})");
  ask("POST", "/task/1/result", R"({"result":"[[6]]"})");
  EXPECT_EQ(metrics::value_of(page(), "enxame_task_phase_seconds_count{phase=\"compute\"}"), 1);
  EXPECT_EQ(metrics::value_of(page(), "enxame_tasks_finished_total{state=\"completed\"}"), 1);
}

TEST_F(CoordinatorMetricsTest, CountsWebSocketsAndTheirMessages) {
  {
    PushWorker worker(server_.url(), "w1");
    PushPeer client(server_.url(), "role=client");
    client.submit(1, Matrix{{2}}, Matrix{{3}});
    client.receive();
    EXPECT_EQ(metrics::value_of(page(), "enxame_websocket_connections{role=\"client\"}"), 1);
  }
  eventually([&] {
    return metrics::value_of(page(), "enxame_websocket_connections{role=\"client\"}") == 0;
  });
  const std::string text = page();
  EXPECT_EQ(metrics::value_of(text, "enxame_websocket_connections_total{role=\"worker\"}"), 1);
  const auto messages = [&](const std::string& direction, const std::string& kind) {
    return metrics::value_of(text, "enxame_websocket_messages_total{direction=\"" + direction +
                                       "\",kind=\"" + kind + "\"}");
  };
  EXPECT_EQ(messages("received", "submit"), 1);
  EXPECT_EQ(messages("sent", "multiply"), 1);
  EXPECT_EQ(messages("received", "product"), 1);
  EXPECT_EQ(messages("sent", "delivered"), 1);
  // A task is a header and two frames behind a submission's 64 bytes, a product a header, the
  // phases and a frame; a frame of one number has 128 bytes.
  EXPECT_EQ(metrics::value_of(text, "enxame_websocket_bytes_total{direction=\"received\"}"),
            64 + 64 + 256 + 64 + 64 + 128);
  EXPECT_EQ(
      metrics::value_of(text, "enxame_http_request_seconds_count{route=\"/ws\",status=\"2xx\"}"),
      2);
  EXPECT_EQ(metrics::value_of(text, "enxame_task_phase_seconds_count{phase=\"collect\"}"), 1);
}

TEST_F(CoordinatorMetricsTest, TellsWhyTasksCameBack) {
  claim_one();
  advance(std::chrono::minutes(2));
  server_.broker().expire_leases();
  EXPECT_EQ(metrics::value_of(page(), "enxame_task_returns_total{reason=\"lease-expired\"}"), 1);
  EXPECT_EQ(metrics::value_of(page(), "enxame_workers{state=\"silent\"}"), 1);
  ask("GET", "/task/next?workerId=w1");
  ask("POST", "/task/1/result", R"({"result":"[[6,7]]"})");
  const std::string text = page();
  EXPECT_EQ(metrics::value_of(text, "enxame_task_returns_total{reason=\"rejected\"}"), 1);
  EXPECT_EQ(metrics::value_of(text, "enxame_task_attempts_total"), 2);
  EXPECT_EQ(metrics::value_of(text, "enxame_tasks_finished_total{state=\"failed\"}"), 1);
}

TEST_F(CoordinatorMetricsTest, WhatAWorkerClaimsOfItsTimeDoesNoHarm) {
  claim_one();
  // 292 years each, the most that a header may say: as whole nanoseconds their sum overflows.
  const std::string most = "decode;dur=9.2e15, compute;dur=9.2e15, encode;dur=9.2e15";
  ask("POST", "/task/1/result", R"({"result":"[[6]]"})", "Enxame-Timing: " + most + "\r\n");
  for (const std::string phase : {"dispatch", "return"}) {
    const std::string sum = "enxame_task_phase_seconds_sum{phase=\"" + phase + "\"}";
    EXPECT_EQ(metrics::value_of(page(), sum), 0);
  }
}

TEST_F(CoordinatorMetricsTest, NoNameOfAClientsMakingBecomesASeries) {
  ask("GET", "/task/next?workerId=Mallory");
  ask("GET", "/Mallory");
  ask("GET", "/result/77777");
  const std::string text = page();
  EXPECT_THAT(text, Not(HasSubstr("Mallory")));
  EXPECT_THAT(text, Not(HasSubstr("77777")));
  EXPECT_EQ(
      metrics::value_of(text, "enxame_http_request_seconds_count{route=\"other\",status=\"4xx\"}"),
      1);
  EXPECT_EQ(metrics::value_of(
                text, "enxame_http_request_seconds_count{route=\"/result/{id}\",status=\"4xx\"}"),
            1);
}

TEST_F(CoordinatorMetricsTest, IsARouteLikeEveryOther) {
  const std::string answer = ask("GET", "/metrics");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_EQ(status_of(ask("HEAD", "/metrics")), "200");
  EXPECT_EQ(status_of(ask("GET", "/metrics?name[]=%0d%0a")), "200");
  EXPECT_EQ(status_of(ask("GET", "/metrics", std::string(100'000, 'x'))), "200");
  EXPECT_EQ(status_of(ask("OPTIONS", "/metrics")), "200");
  const std::string posted = ask("POST", "/metrics", "x");
  EXPECT_EQ(status_of(posted), "405");
  EXPECT_THAT(posted, HasSubstr("\r\nAllow: GET, HEAD, OPTIONS\r\n"));
  EXPECT_EQ(status_of(ask("GET", "/metrics/")), "200");
  EXPECT_EQ(status_of(ask("GET", "/metrics//")), "404");
  EXPECT_EQ(status_of(ask("GET", "/metrics%00")), "400");
}

}  // namespace
}  // namespace enxame::coordinator
