#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "matmul/codec/binary_codec.h"
#include "matmul/test/example.h"
#include "wire/kept_operand.h"
#include "worker/test/fake_host.h"
#include "worker/worker_loop.h"

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string frame(const Matrix& matrix) {
  std::string out;
  append_frame(matrix, out);
  return out;
}

/// Of two by two zeros.
std::string frame_of_f32() {
  std::string out;
  append_frame(MatrixF32(2, 2), out);
  return out;
}

wire::Digest named(unsigned char name) {
  wire::Digest digest;
  digest.bytes.fill(name);
  return digest;
}

HttpHeaders tile_headers(const std::string& task, const wire::Digest& b) {
  return {{"content-type", "application/octet-stream"},
          {"enxame-task", task},
          {"enxame-operand", wire::to_hex(b)}};
}

HttpHeaders binary_headers() { return {{"content-type", "application/octet-stream"}}; }

/// A worker that asks for tiles and keeps operands.
class AskedTileTest : public ::testing::Test {
 protected:
  AskedTileTest() { loop_.start(); }

  void expect_returned(const std::string& task, const Matrix& product) {
    EXPECT_THAT(host_.request().line(), StartsWith("POST /task/" + task + "/result"));
    EXPECT_EQ(host_.request().body, frame(product));
  }
  const WorkerStatus& status() const { return loop_.status(); }

  FakeHost host_;
  WorkerLoop loop_{parse_worker_options("dispatch=long-poll&codec=binary&workerId=w1", ""), host_};
};

TEST_F(AskedTileTest, FetchesWhatTilesShareOnce) {
  EXPECT_EQ(host_.request().line(), "GET /task/next?workerId=w1&operands=digest&wait=25000");
  host_.answer(200, frame(kA), tile_headers("7", named(0xab)));
  EXPECT_EQ(host_.request().line(), "GET /operand/abababababababababababababababab");
  host_.answer(200, frame(kB), binary_headers());
  expect_returned("7", kC);
  EXPECT_THAT(host_.request().target, HasSubstr("&operands=digest&next=1"));
  // The next tile comes with the answer, and its B is here.
  host_.answer(200, frame(Matrix{{1, 0}}), tile_headers("8", named(0xab)));
  expect_returned("8", Matrix{{5, 6}});
  host_.answer(200, frame(Matrix{{1, 0}}), tile_headers("9", named(0xcd)));
  EXPECT_EQ(host_.request().line(), "GET /operand/cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd");
  EXPECT_EQ(status().completed, 2U);
  EXPECT_EQ(status().errors, 0U);
}

TEST_F(AskedTileTest, StillTakesWholeTasks) {
  host_.answer(200, frame(kA) + frame(kB),
               {{"content-type", "application/octet-stream"}, {"enxame-task", "7"}});
  expect_returned("7", kC);
}

TEST_F(AskedTileTest, SaysThatItHasTheTaskWhenItHasAllOfIt) {
  host_.tick = milliseconds(2);
  host_.answer(200, frame(kA), tile_headers("7", named(1)));
  host_.advance(milliseconds(1000));
  const Duration fetched = host_.now();
  host_.answer(200, frame(kB), binary_headers());
  const auto phases = parse_worker_phases(host_.request().header("Enxame-Timing"));
  // A was decoded before B came: the task counts as received so much earlier.
  EXPECT_EQ(phases.decode, milliseconds(4));
  EXPECT_EQ(phases.received_at, fetched + milliseconds(2) - milliseconds(2));
}

TEST_F(AskedTileTest, DropsATileWhoseOperandNobodyNeedsAnyMore) {
  host_.answer(200, frame(kA), tile_headers("7", named(1)));
  host_.answer(404, R"({"error":"no task needs the operand"})");
  EXPECT_EQ(host_.request().method, "GET");
  EXPECT_THAT(host_.request().target, StartsWith("/task/next"));
  EXPECT_THAT(status().last_error, HasSubstr("dropped"));
}

TEST_F(AskedTileTest, FetchesAgainWhenTheCoordinatorIsAway) {
  host_.answer(200, frame(kA), tile_headers("7", named(1)));
  host_.no_answer();
  ASSERT_THAT(host_.timers(), ElementsAre(250));
  host_.advance(milliseconds(250));
  EXPECT_THAT(host_.request().target, StartsWith("/operand/"));
  host_.answer(200, frame(kB), binary_headers());
  expect_returned("7", kC);
}

TEST_F(AskedTileTest, SaysWhatItCannotRead) {
  host_.answer(200, "no frame", tile_headers("7", named(1)));
  EXPECT_THAT(host_.request().body, HasSubstr("A: frame"));
  host_.answer(200, frame(kA), tile_headers("8", named(1)));
  host_.answer(200, "no frame", binary_headers());
  EXPECT_THAT(host_.request().line(), StartsWith("POST /task/8/result"));
  EXPECT_THAT(host_.request().body, HasSubstr("B: frame"));
  host_.answer(200, frame(kA),
               {{"content-type", "application/octet-stream"},
                {"enxame-task", "9"},
                {"enxame-operand", "abc"}});
  EXPECT_THAT(status().last_error, HasSubstr("Enxame-Operand: \"abc\", expected"));
}

TEST(AskingForJsonTest, IsForWholeTasks) {
  FakeHost host;
  WorkerLoop loop(parse_worker_options("codec=json&workerId=w1", ""), host);
  loop.start();
  EXPECT_EQ(host.request().line(), "GET /task/next?workerId=w1&wait=25000");
}

/// A worker whose WebSocket stands.
class PushedTileTest : public ::testing::Test {
 protected:
  PushedTileTest() {
    loop_.start();
    host_.accept();
  }
  wire::MessageHeader last_header() const {
    return wire::parse_message_header(
        std::string_view(host_.messages.back()).substr(0, wire::kMessageHeaderBytes),
        wire::kDefaultMaxPayloadBytes);
  }
  std::string last_payload() const {
    return host_.messages.back().substr(wire::kMessageHeaderBytes);
  }

  FakeHost host_;
  WorkerLoop loop_{parse_worker_options("dispatch=push&workerId=w1", ""), host_};
};

TEST_F(PushedTileTest, MultipliesByWhatItKeeps) {
  host_.push(wire::outgoing_operand(7, named(1), kB).joined());
  EXPECT_THAT(host_.messages, IsEmpty()) << "an operand has no answer";
  for (std::uint64_t id = 7; id < 10; ++id) {
    host_.push(wire::outgoing_multiply_kept(id, named(1), kA).joined());
    EXPECT_EQ(last_header().kind, wire::MessageKind::product);
    EXPECT_EQ(last_header().call_id, id);
    EXPECT_EQ(wire::decode_product_matrix(last_payload(), kC.shape()), kC);
  }
}

TEST_F(PushedTileTest, SaysWhatIsMissing) {
  host_.push(wire::outgoing_multiply_kept(7, named(1), kA).joined());
  EXPECT_EQ(last_header().kind, wire::MessageKind::missing);
  EXPECT_EQ(last_header().call_id, 7U);
  EXPECT_EQ(wire::decode_missing(last_payload()), named(1));
  host_.push(wire::outgoing_operand(7, named(1), kB).joined());
  host_.push(wire::outgoing_multiply_kept(7, named(1), kA).joined());
  EXPECT_EQ(last_header().kind, wire::MessageKind::product);
}

TEST_F(PushedTileTest, CountsReadingTheOperandOnceAndBeforeTheTaskWasThere) {
  host_.tick = milliseconds(2);
  host_.push(wire::outgoing_operand(7, named(1), kB).joined());
  host_.push(wire::outgoing_multiply_kept(7, named(1), kA).joined());
  const WorkerPhases first = wire::decode_product_phases(last_payload());
  host_.push(wire::outgoing_multiply_kept(8, named(1), kA).joined());
  const WorkerPhases second = wire::decode_product_phases(last_payload());
  EXPECT_EQ(first.decode - second.decode, milliseconds(2));
}

TEST_F(PushedTileTest, ForgetsWithTheConnection) {
  host_.push(wire::outgoing_operand(7, named(1), kB).joined());
  host_.hang_up("gone");
  host_.advance(milliseconds(250));
  host_.accept();
  host_.push(wire::outgoing_multiply_kept(7, named(1), kA).joined());
  EXPECT_EQ(last_header().kind, wire::MessageKind::missing);
}

TEST_F(PushedTileTest, RefusesShapesThatDoNotMultiply) {
  host_.push(wire::outgoing_operand(7, named(1), kB).joined());
  host_.push(wire::outgoing_multiply_kept(7, named(1), Matrix{{1, 2, 3}}).joined());
  EXPECT_EQ(last_header().kind, wire::MessageKind::refused);
}

TEST_F(PushedTileTest, ReturnsATileOfAnotherTypeAndStays) {
  std::string tile = wire::outgoing_multiply_kept(7, named(1), kA).joined();
  const std::size_t at = tile.size() - frame(kA).size();
  tile.replace(at, kFrameHeaderBytes, frame_of_f32().substr(0, kFrameHeaderBytes));
  host_.push(wire::outgoing_operand(7, named(1), kB).joined());
  host_.push(tile);
  EXPECT_EQ(last_header().kind, wire::MessageKind::failed);
  EXPECT_THAT(last_payload(), HasSubstr("dtype is f32"));
  host_.push(wire::outgoing_multiply_kept(8, named(1), kA).joined());
  EXPECT_EQ(last_header().kind, wire::MessageKind::product);
}

TEST_F(PushedTileTest, MissesAnOperandOfAnotherType) {
  std::string operand = wire::outgoing_operand(7, named(1), kB).joined();
  const std::size_t at = operand.size() - frame(kB).size();
  operand.replace(at, kFrameHeaderBytes, frame_of_f32().substr(0, kFrameHeaderBytes));
  host_.push(operand);
  EXPECT_THAT(loop_.status().last_error, HasSubstr("dtype is f32"));
  host_.push(wire::outgoing_multiply_kept(7, named(1), kA).joined());
  EXPECT_EQ(last_header().kind, wire::MessageKind::missing);
}

}  // namespace
}  // namespace enxame::worker
