// What clients and workers hear while the store cannot be asked.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "coordinator/broker/task_broker.h"
#include "coordinator/metrics/metrics.h"
#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/routes.h"
#include "coordinator/store/memory_payload_store.h"
#include "coordinator/store/test/store_fixture.h"
#include "coordinator/store/test/unsteady_store.h"
#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::coordinator {
namespace {

using testing::HasSubstr;

class UnavailableStore : public testing::Test {
 protected:
  ~UnavailableStore() override { broker_.close(); }

  std::string ask(const std::string& method, const std::string& target) {
    http::RawPeer peer(server_.port());
    peer.send(method + " " + target + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    return peer.receive_answer();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

  MemoryPayloadStore payloads_;
  UnsteadyStore store_{{}, payloads_};
  TaskBroker broker_{store_, payloads_, {}};
  CoordinatorMetrics metrics_{store_, broker_, Routes::names()};
  Routes routes_{broker_, nullptr, metrics_};
  http::Server server_{api_options({.log = [](std::string_view) {}}),
                       [this](http::Request& request) { return routes_.answer(request); }};
};

TEST_F(UnavailableStore, IsA503ThatSaysSo) {
  const TaskId id = broker_.submit(operands());
  store_.is_gone = true;
  for (const std::string target : {"/task/next", "/task/next?wait=1000", "/result/1"}) {
    const std::string answer = ask("GET", target);
    EXPECT_EQ(http::status_of(answer), "503") << target;
    EXPECT_THAT(http::body_of(answer), HasSubstr(kUnavailableWords)) << target;
  }
  store_.is_gone = false;
  EXPECT_EQ(http::status_of(ask("GET", "/task/next")), "200");
  EXPECT_EQ(broker_.look(id).state, TaskState::processing);
}

TEST_F(UnavailableStore, ClosesTheWebSocketOfAWorkerUntilLater) {
  store_.is_gone = true;
  PushPeer worker(url(), "role=worker&workerId=w1");
  EXPECT_EQ(worker.receive_close(), 1013);
}

TEST_F(UnavailableStore, FailsTheCallOfAClientAtAWebSocket) {
  store_.is_gone = true;
  PushPeer client(url(), "role=client");
  client.submit(1, Matrix{{2}}, Matrix{{3}});
  const auto answer = client.receive();
  EXPECT_EQ(answer.header.kind, wire::MessageKind::failed);
  EXPECT_EQ(answer.payload, kUnavailableWords);
}

}  // namespace
}  // namespace enxame::coordinator
