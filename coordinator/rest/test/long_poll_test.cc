#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <thread>
#include <vector>

#include "coordinator/rest/test/api_server.h"
#include "coordinator/store/test/store_fixture.h"
#include "http/test/raw_peer.h"

namespace enxame::coordinator {
namespace {

using http::body_of;
using http::RawPeer;
using http::status_of;
using testing::HasSubstr;
using testing::StartsWith;

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\n\r\n"; }

std::string post(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string ask(RawPeer& peer, const std::string& request) {
  peer.send(request);
  return peer.receive_answer();
}

const std::string kTask = R"({"A":"[[2]]","B":"[[3]]"})";
const std::string kProduct = R"({"result":"[[6]]"})";

std::uint64_t task_in(const std::string& answer) {
  return std::stoull(body_of(answer).substr(std::string_view(R"({"taskId":)").size()));
}

std::string lease_in(const std::string& answer) {
  const std::string_view name = "Enxame-Lease: ";
  const std::size_t begin = answer.find(name) + name.size();
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

TEST(LongPoll, EndsWith204WhenNothingComes) {
  ApiServer server;
  RawPeer peer(server.port());
  EXPECT_EQ(status_of(ask(peer, get("/task/next?workerId=w1&wait=30"))), "204");
}

TEST(LongPoll, AnswersWhenTheTaskAndWhenTheResultComes) {
  ApiServer server;
  RawPeer worker(server.port());
  RawPeer client(server.port());
  for (int round = 1; round <= 50; ++round) {
    worker.send(get("/task/next?workerId=w1&wait=20000"));
    const std::string id = std::to_string(task_in(ask(client, post("/task", kTask))));
    client.send(get("/result/" + id + "?wait=20000"));
    const std::string given = worker.receive_answer();
    EXPECT_THAT(body_of(given), StartsWith("{\"taskId\":" + id + ","));
    ask(worker, post("/task/" + id + "/result?lease=" + lease_in(given), kProduct));
    EXPECT_THAT(body_of(client.receive_answer()), HasSubstr("\"completed\""));
  }
}

TEST(LongPoll, AWorkerThatLeftWhileItWaitedGetsNothing) {
  ApiServer server;
  RawPeer leaving(server.port());
  RawPeer staying(server.port());
  RawPeer client(server.port());
  leaving.send(get("/task/next?workerId=leaving&wait=20000"));
  ask(client, get("/workers?count=1&wait=20000"));
  staying.send(get("/task/next?workerId=staying&wait=20000"));
  ask(client, get("/workers?count=2&wait=20000"));
  leaving.close();
  ask(client, post("/task", kTask));
  EXPECT_EQ(status_of(staying.receive_answer()), "200");
}

TEST(LongPoll, AWaitingWorkerThatLeftIsNoticed) {
  ApiServer server({.broker = {.presence_check = std::chrono::milliseconds(10)}});
  RawPeer client(server.port());
  {
    RawPeer leaving(server.port());
    leaving.send(get("/task/next?workerId=w1&wait=60000"));
    ask(client, get("/workers?count=1&wait=20000"));
  }
  // Its place is free again when the wait was given up.
  eventually(
      [&] { return body_of(ask(client, get("/workers"))).find("silent") != std::string::npos; });
}

/// Workers and clients over sockets, each step a long-poll: a wake-up that is lost would stop one
/// of them.
TEST(LongPoll, LosesNoWakeUp) {
  constexpr int kClients = 8;
  constexpr int kTasksEach = 60;
  ApiServer server;
  std::vector<std::thread> workers;
  for (int i = 0; i < kClients; ++i) {
    workers.emplace_back([&, i] {
      const std::string name = "workerId=w" + std::to_string(i);
      RawPeer peer(server.port());
      for (;;) {
        const std::string answer = ask(peer, get("/task/next?" + name + "&wait=20000"));
        if (status_of(answer) != "200") return;
        const std::string id = std::to_string(task_in(answer));
        const std::string result = "/result?" + name + "&lease=" + lease_in(answer);
        EXPECT_EQ(status_of(ask(peer, post("/task/" + id + result, kProduct))), "200");
      }
    });
  }
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      RawPeer peer(server.port());
      for (int k = 0; k < kTasksEach; ++k) {
        const std::string id = std::to_string(task_in(ask(peer, post("/task", kTask))));
        EXPECT_THAT(body_of(ask(peer, get("/result/" + id + "?wait=20000"))), HasSubstr("[[6]]"));
      }
    });
  }
  for (std::thread& client : clients) client.join();
  server.broker().close();
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(server.broker().stats().completed, kClients * kTasksEach);
}

TEST(LongPoll, ManyWaitersDoNotKeepOthersOut) {
  constexpr int kWaiters = 200;
  ApiServer server;
  std::list<RawPeer> waiters;
  for (int i = 0; i < kWaiters; ++i) {
    waiters.emplace_back(server.port());
    waiters.back().send(get("/task/next?workerId=w" + std::to_string(i) + "&wait=20000"));
  }
  RawPeer client(server.port());
  ask(client, get("/workers?count=200&wait=20000"));
  for (int i = 0; i < kWaiters; ++i) EXPECT_EQ(status_of(ask(client, post("/task", kTask))), "200");
  for (RawPeer& waiter : waiters) EXPECT_EQ(status_of(waiter.receive_answer()), "200");
}

}  // namespace
}  // namespace enxame::coordinator
