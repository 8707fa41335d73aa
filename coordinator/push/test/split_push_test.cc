#include <gtest/gtest.h>

#include "coordinator/client/websocket_matmul.h"
#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/test/api_server.h"
#include "matmul/codec/binary_codec.h"
#include "wire/kept_operand.h"

namespace enxame::coordinator {
namespace {

using wire::MessageKind;

/// A worker that keeps operands, whose messages a test makes.
class KeepingPeer : public PushPeer {
 public:
  explicit KeepingPeer(const ApiServer& server)
      : PushPeer(server.url(), "role=worker&workerId=w1") {}

  void keep(const PushPeer::Message& message) {
    wire::NamedMatrix operand = wire::decode_operand(message.payload);
    cache_.keep(0, operand.digest, wire::kept(std::move(operand.matrix)), {});
  }
  void compute_kept(const PushPeer::Message& message) {
    const wire::KeptTask task = wire::find_kept(cache_, 0, message.payload);
    ASSERT_TRUE(task.b);
    const MatrixView b = task.b->operand.matrix;
    Matrix::Values values(task.a.rows() * b.cols());
    multiply_into<double>(task.a, b, values.data(), Kernel::naive);
    const Matrix product({task.a.rows(), b.cols()}, std::move(values));
    send_raw(wire::encode_product(message.header.call_id, product, {}));
  }
  void say_missing(const PushPeer::Message& message) {
    const wire::KeptTask task = wire::find_kept(cache_, 0, message.payload);
    send_raw(wire::encode_missing(message.header.call_id, task.digest));
  }
  void forget() { cache_.forget(0); }

 private:
  wire::OperandCache cache_;
};

class SplitPushTest : public testing::Test {
 protected:
  TaskId submit(std::size_t tiles) {
    std::string frames;
    append_frame(a_, frames);
    append_frame(b_, frames);
    return server_.broker().submit(
        std::make_shared<Operands>(parse_operands(Codec::binary, std::move(frames))),
        {SplitKind::rows, tiles});
  }
  void expect_product(TaskId id) {
    const TaskView task =
        server_.broker().result(id, std::chrono::seconds(20), [] { return true; }).task;
    ASSERT_EQ(task.state, TaskState::completed);
    EXPECT_EQ(decode_frame<double>(to_frame(*task.result)), multiply(a_, b_, Kernel::naive));
  }

  const Matrix a_ = random_matrix<double>({6, 4}, 1);
  const Matrix b_ = random_matrix<double>({4, 5}, 2);
  ApiServer server_;
  KeepingPeer worker_{server_};
};

TEST_F(SplitPushTest, BComesAheadOfTheFirstTileOnly) {
  const TaskId id = submit(3);
  for (int i = 0; i < 3; ++i) {
    auto message = worker_.receive();
    if (i == 0) {
      ASSERT_EQ(message.header.kind, wire::MessageKind::operand);
      worker_.keep(message);
      message = worker_.receive();
    }
    ASSERT_EQ(message.header.kind, wire::MessageKind::multiply_kept);
    worker_.compute_kept(message);
  }
  expect_product(id);
}

TEST_F(SplitPushTest, WhatIsMissingIsSentAgain) {
  const TaskId id = submit(2);
  worker_.keep(worker_.receive());
  worker_.compute_kept(worker_.receive());
  const auto second = worker_.receive();
  ASSERT_EQ(second.header.kind, wire::MessageKind::multiply_kept);
  worker_.say_missing(second);
  const auto again = worker_.receive();
  ASSERT_EQ(again.header.kind, wire::MessageKind::operand);
  worker_.keep(again);
  worker_.compute_kept(worker_.receive());
  expect_product(id);
}

TEST_F(SplitPushTest, AWorkerWithoutRoomGetsTilesWhole) {
  const TaskId id = submit(2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(worker_.receive().header.kind, wire::MessageKind::operand);
    worker_.say_missing(worker_.receive());
    const auto whole = worker_.receive();
    ASSERT_EQ(whole.header.kind, wire::MessageKind::multiply);
    worker_.compute(whole);
  }
  expect_product(id);
}

TEST_F(SplitPushTest, ANonsensicalMissingEndsTheConnection) {
  submit(2);
  worker_.receive();
  const auto tile = worker_.receive();
  worker_.send_raw(wire::encode_missing(tile.header.call_id, wire::Digest{{1}}));
  EXPECT_EQ(worker_.receive_close(), 1008);
}

TEST_F(SplitPushTest, AClientSplitsOverWebSockets) {
  WebSocketMatmul matmul(server_.url(), {.split = {SplitKind::rows, 2}});
  std::thread work([&] {
    worker_.keep(worker_.receive());
    for (int i = 0; i < 2; ++i) worker_.compute_kept(worker_.receive());
  });
  const Product product = matmul.multiply(a_, b_);
  work.join();
  EXPECT_EQ(product.matrix, multiply(a_, b_, Kernel::naive));
  EXPECT_EQ(product.worker, "w1");
}

}  // namespace
}  // namespace enxame::coordinator
