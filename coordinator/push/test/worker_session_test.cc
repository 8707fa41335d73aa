// Workers at WebSockets, as a coordinator meets them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <list>
#include <string>

#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/test/api_server.h"
#include "coordinator/store/test/store_fixture.h"
#include "http/test/raw_peer.h"
#include "matmul/test/example.h"

namespace enxame::coordinator {
namespace {

using http::RawPeer;
using http::status_of;
using testing::HasSubstr;
using wire::MessageKind;

TaskId submit_to(TaskBroker& broker, const std::string& json) {
  return broker.submit(std::make_shared<Operands>(parse_operands(Codec::json, json)));
}

/// A·B.
TaskId submit_to(TaskBroker& broker) {
  const std::string frames = wire::encode_multiply(1, kA, kB).substr(wire::kMessageHeaderBytes);
  return broker.submit(std::make_shared<Operands>(parse_operands(Codec::binary, frames)));
}

class WorkerSessionTest : public testing::Test {
 protected:
  TaskId submit() { return submit_to(broker()); }
  TaskView result(TaskId id) { return broker().result(id, kLong, still_there).task; }
  TaskBroker& broker() { return server_.broker(); }
  WorkerState state_of(const std::string& worker) {
    for (const WorkerView& each : broker().workers(0, kNow, still_there)) {
      if (each.id == worker) return each.state;
    }
    return WorkerState::silent;
  }

  CountingObserver seen_;
  ApiServer server_{{.store = {.limits = {.attempts = 2}},
                     .broker = {.presence_check = std::chrono::milliseconds(20)},
                     .observers = {&seen_}}};
};

TEST_F(WorkerSessionTest, GetsATaskAndReturnsItsProduct) {
  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  eventually([&] { return broker().claimants() == 1; });
  EXPECT_EQ(state_of("w1"), WorkerState::asking);
  const TaskId id = submit();
  const auto task = worker.receive();
  EXPECT_EQ(task.header.kind, wire::MessageKind::multiply);
  EXPECT_EQ(state_of("w1"), WorkerState::working);
  const wire::Factors factors = wire::decode_multiply(task.payload);
  EXPECT_EQ(factors.a, kA);
  EXPECT_EQ(factors.b, kB);
  worker.compute(task, {.decode = std::chrono::microseconds(3)});
  const TaskView done = result(id);
  EXPECT_EQ(done.state, TaskState::completed);
  EXPECT_EQ(done.worker, "w1");
  EXPECT_EQ(done.phases.worker.decode, std::chrono::microseconds(3));
  EXPECT_EQ(to_text(*done.result), "[[19,22],[43,50]]");
  eventually([&] { return state_of("w1") == WorkerState::asking; });
}

TEST_F(WorkerSessionTest, GetsJsonOperandsAsFrames) {
  const TaskId id = broker().submit(std::make_shared<Operands>(
      parse_operands(Codec::json, R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})")));
  PushWorker worker(server_.url(), "w1");
  EXPECT_EQ(to_text(*result(id).result), "[[19,22],[43,50]]");
}

TEST_F(WorkerSessionTest, OneThatRefusesEndsTheTaskAndOneThatFailsReturnsIt) {
  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  const TaskId refused = submit();
  worker.send(wire::MessageKind::refused, worker.receive().header.call_id, "too odd");
  EXPECT_EQ(result(refused).error, "too odd");
  const TaskId failed = submit();
  worker.send(wire::MessageKind::failed, worker.receive().header.call_id, "no memory");
  const auto again = worker.receive();
  worker.compute(again);
  EXPECT_EQ(result(failed).state, TaskState::completed);
  EXPECT_EQ(seen_.times(TaskEvent::nacked), 1u);
}

TEST_F(WorkerSessionTest, AWrongProductGoesBackAndIsFailedInTheEnd) {
  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  const TaskId id = submit();
  worker.send_raw(wire::encode_product(worker.receive().header.call_id, Matrix{{1}}, {}));
  const auto again = worker.receive();
  worker.send(wire::MessageKind::product, again.header.call_id, std::string(100, 'x'));
  EXPECT_THAT(result(id).error, HasSubstr("no product after 2 attempts; the last: the result is "
                                          "not taken"));
  // It has a next one all the same.
  const TaskId next = submit();
  worker.compute(worker.receive());
  EXPECT_EQ(result(next).state, TaskState::completed);
}

TEST_F(WorkerSessionTest, AProductThatOverflowsFailsTheTask) {
  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  const TaskId id = submit_to(broker(), R"({"A":"[[1],[1e200]]","B":"[[1e200,1]]"})");
  Matrix product(2, 2);
  product(1, 0) = std::numeric_limits<double>::infinity();
  worker.send_raw(wire::encode_product(worker.receive().header.call_id, product, {}));
  EXPECT_THAT(result(id).error, HasSubstr("overflows: the element in row 2, column 1 is inf"));
  EXPECT_EQ(seen_.times(TaskEvent::claimed), 1u);
}

TEST_F(WorkerSessionTest, OneThatCannotOverflowIsWrong) {
  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  const TaskId id = submit();
  Matrix product(2, 2);
  product(1, 0) = std::numeric_limits<double>::infinity();
  worker.send_raw(wire::encode_product(worker.receive().header.call_id, product, {}));
  PushPeer another(server_.url(), "role=worker&workerId=w2");
  another.compute(another.receive());
  EXPECT_EQ(result(id).state, TaskState::completed);
  EXPECT_EQ(seen_.times(TaskEvent::nacked), 1u);
}

TEST_F(WorkerSessionTest, NobodySpeaksForItOverRest) {
  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  const TaskId id = submit();
  const auto task = worker.receive();
  RawPeer other(server_.port());
  for (const char* query : {"", "?workerId=w1"}) {
    other.send("POST /task/" + std::to_string(id) + "/result" + query +
               " HTTP/1.1\r\nContent-Length: 15\r\n\r\n{\"refused\":\"x\"}");
    EXPECT_EQ(status_of(other.receive_answer()), "409");
  }
  worker.compute(task);
  EXPECT_EQ(result(id).state, TaskState::completed);
}

TEST_F(WorkerSessionTest, OneThatDiesInTheMiddleLosesItsTaskAtOnce) {
  const TaskId id = submit();
  {
    PushPeer worker(server_.url(), "role=worker&workerId=w1");
    worker.receive();
  }
  eventually([&] { return broker().stats().queued == 1; });
  EXPECT_EQ(seen_.times(TaskEvent::abandoned), 1u);
  PushWorker other(server_.url(), "w2");
  EXPECT_EQ(result(id).worker, "w2");
}

TEST_F(WorkerSessionTest, ATaskWhoseWorkersDieIsFailed) {
  const TaskId id = submit();
  for (int i = 0; i < 2; ++i) {
    PushPeer worker(server_.url(), "role=worker&workerId=w1");
    worker.receive();
  }
  EXPECT_THAT(result(id).error, HasSubstr("worker \"w1\" is gone: its connection ended"));
}

TEST_F(WorkerSessionTest, OneThatLeftWhileItWaitedCostsNoAttempt) {
  {
    PushPeer worker(server_.url(), "role=worker&workerId=w1");
    eventually([&] { return broker().claimants() == 1; });
  }
  const TaskId id = submit();
  PushWorker other(server_.url(), "w2");
  EXPECT_EQ(result(id).worker, "w2");
  EXPECT_EQ(seen_.times(TaskEvent::abandoned), 0u);
}

TEST_F(WorkerSessionTest, OneThatLeavesIsNoticedWhileItWaits) {
  {
    PushPeer worker(server_.url(), "role=worker&workerId=w1");
    eventually([&] { return broker().claimants() == 1; });
  }
  eventually([&] { return broker().claimants() == 0; });
}

TEST_F(WorkerSessionTest, AProductThatComesTooLateChangesNothing) {
  ManualClock clock;
  ApiServer server({.broker = {.now = [&] { return clock.now(); }}});
  PushPeer slow(server.url(), "role=worker&workerId=slow");
  const TaskId id = submit_to(server.broker());
  const auto task = slow.receive();
  clock.advance(std::chrono::minutes(2));
  server.broker().expire_leases();
  PushWorker quick(server.url(), "quick");
  EXPECT_EQ(server.broker().result(id, kLong, still_there).task.worker, "quick");
  slow.compute(task);
  eventually([&] { return server.broker().claimants() == 2; });
  EXPECT_EQ(server.broker().result(id, kNow, still_there).task.worker, "quick");
}

TEST_F(WorkerSessionTest, OneThatSpeaksWithoutATaskIsClosedAndGetsNone) {
  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  eventually([&] { return broker().claimants() == 1; });
  worker.send(wire::MessageKind::product, 1, "of what?");
  EXPECT_EQ(worker.receive_close(), 1008);
  const TaskId id = submit();
  PushWorker other(server_.url(), "w2");
  EXPECT_EQ(result(id).worker, "w2");
  EXPECT_EQ(seen_.times(TaskEvent::abandoned), 0u);
}

TEST_F(WorkerSessionTest, OneWhoseLeaseRanOutDoesNotSpeakForItsNamesake) {
  ManualClock clock;
  ApiServer server({.broker = {.now = [&] { return clock.now(); }}});
  PushPeer slow(server.url(), "role=worker&workerId=w1");
  const TaskId id = submit_to(server.broker());
  const auto first = slow.receive();
  clock.advance(std::chrono::minutes(2));
  server.broker().expire_leases();
  PushPeer quick(server.url(), "role=worker&workerId=w1");
  const auto second = quick.receive();
  slow.send(wire::MessageKind::refused, first.header.call_id, "too late to say so");
  eventually([&] { return server.broker().claimants() == 1; });
  quick.compute(second);
  EXPECT_EQ(server.broker().result(id, kLong, still_there).task.state, TaskState::completed);
}

TEST_F(WorkerSessionTest, WhatIsNoAnswerClosesTheConnectionAndReturnsTheTask) {
  const auto close_after = [&](const auto& misbehave) {
    PushPeer worker(server_.url(), "role=worker&workerId=w1");
    const TaskId id = submit();
    misbehave(worker, worker.receive());
    const std::uint16_t code = worker.receive_close();
    // The worker of the round before may still be served, though it has gone.
    eventually([&] { return broker().stats().queued == 1; });
    PushWorker other(server_.url(), "w2");
    EXPECT_EQ(result(id).worker, "w2");
    return code;
  };
  EXPECT_EQ(close_after([](PushPeer& worker, const auto&) { worker.send_raw("hello"); }), 1008);
  EXPECT_EQ(
      close_after([](PushPeer& worker, const auto&) { worker.send_raw(std::string(64, 'x')); }),
      1008);
  EXPECT_EQ(close_after([](PushPeer& worker, const auto& task) {
              worker.send(wire::MessageKind::product, task.header.call_id + 1, "");
            }),
            1008);
  EXPECT_EQ(close_after([](PushPeer& worker, const auto& task) {
              worker.send(wire::MessageKind::multiply, task.header.call_id, "");
            }),
            1008);
  EXPECT_EQ(close_after([](PushPeer& worker, const auto& task) {
              worker.send(wire::MessageKind::product, task.header.call_id, "short");
            }),
            1008);
}

TEST_F(WorkerSessionTest, ManyShareTheWork) {
  std::list<PushWorker> workers;
  for (int i = 0; i < 16; ++i) workers.emplace_back(server_.url(), "w" + std::to_string(i));
  broker().workers(16, kLong, still_there);
  std::vector<TaskId> ids;
  for (int i = 0; i < 400; ++i) ids.push_back(submit());
  for (const TaskId id : ids) EXPECT_EQ(to_text(*result(id).result), "[[19,22],[43,50]]");
  EXPECT_EQ(seen_.times(TaskEvent::claimed), 400u);
}

TEST_F(WorkerSessionTest, IsToldThatTheCoordinatorEnds) {
  PushPeer idle(server_.url(), "role=worker&workerId=idle");
  PushPeer busy(server_.url(), "role=worker&workerId=busy");
  submit();
  submit();
  const auto first = idle.receive();
  busy.receive();
  idle.compute(first);
  eventually([&] { return broker().claimants() == 1; });
  broker().close();
  EXPECT_EQ(idle.receive_close(), 1001);
  std::thread draining([&] { server_.drain_all(); });
  EXPECT_EQ(busy.receive_close(), 1001);
  draining.join();
}

TEST_F(WorkerSessionTest, AHandshakeThatCannotBeIsRefused) {
  RawPeer peer(server_.port());
  const auto status = [&](const std::string& query) {
    peer.send("GET /ws" + query +
              " HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    return status_of(peer.receive_answer());
  };
  EXPECT_EQ(status(""), "400");
  EXPECT_EQ(status("?role=king"), "400");
  EXPECT_EQ(status("?role=worker&workerId=%20"), "400");
  peer.send("GET /ws?role=worker HTTP/1.1\r\n\r\n");
  EXPECT_THAT(peer.receive_answer(), HasSubstr("expected websocket"));
  peer.send("POST /ws?role=worker HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status_of(peer.receive_answer()), "405");
}

}  // namespace
}  // namespace enxame::coordinator
