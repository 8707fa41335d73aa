#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "coordinator/client/coordinator_matmul.h"
#include "coordinator/rest/test/api_server.h"
#include "http/client/client.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/kernel.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* kBinary = "application/octet-stream";

class SplitRoutesTest : public testing::Test {
 protected:
  http::Reply get(const std::string& target, http::Headers headers = {}) {
    return client_.send({.target = target, .headers = std::move(headers)});
  }
  http::Reply submit(const std::string& query, Codec codec = Codec::binary) {
    http::Call call{.method = "POST", .target = "/task" + query, .content_type = kBinary};
    if (codec == Codec::binary) {
      append_frame(a_, call.body);
      append_frame(b_, call.body);
    } else {
      call.content_type = "application/json";
      call.body = R"({"A":")" + encode_text(a_) + R"(","B":")" + encode_text(b_) + "\"}";
    }
    return client_.send(call);
  }
  http::Reply claim(const std::string& query = "") {
    return get("/task/next?workerId=w1" + query, {{"Accept", kBinary}});
  }
  http::Reply give_back(const http::Reply& task, const Matrix& product) {
    http::Call call{
        .method = "POST",
        .target = "/task/" + std::string(task.header("Enxame-Task")) +
                  "/result?workerId=w1&lease=" + std::string(task.header("Enxame-Lease")),
        .headers = {{"Prefer", "return=minimal"}},
        .content_type = kBinary};
    append_frame(product, call.body);
    return client_.send(call);
  }

  const Matrix a_ = random_matrix<double>({6, 4}, 1);
  const Matrix b_ = random_matrix<double>({4, 5}, 2);
  ApiServer server_;
  http::Client client_{http::Origin::parse(server_.url())};
};

TEST_F(SplitRoutesTest, AWorkerThatKeepsOperandsGetsBOnce) {
  ASSERT_EQ(submit("?split=rows&tiles=3").status, 200);
  std::string named;
  std::optional<Matrix> b;
  for (int i = 0; i < 3; ++i) {
    const http::Reply task = claim("&operands=digest");
    ASSERT_EQ(task.status, 200);
    const Matrix rows = decode_frame<double>(task.body);  // of A, and nothing behind them
    const std::string digest(task.header("Enxame-Operand"));
    if (digest != named) {
      ASSERT_FALSE(b) << "fetched a second time";
      const http::Reply operand = get("/operand/" + digest);
      ASSERT_EQ(operand.status, 200);
      EXPECT_EQ(operand.header("Content-Type"), kBinary);
      EXPECT_EQ(operand.header("Cache-Control"), "public, max-age=31536000, immutable");
      EXPECT_EQ(operand.header("ETag"), "\"" + digest + "\"");
      b = decode_frame<double>(operand.body);
      EXPECT_EQ(*b, b_);
      named = digest;
    }
    EXPECT_EQ(give_back(task, multiply(rows, *b, Kernel::naive)).status, 200);
  }
  const http::Reply result = get("/result/1", {{"Accept", kBinary}});
  EXPECT_EQ(decode_frame<double>(result.body), multiply(a_, b_, Kernel::naive));
  EXPECT_EQ(result.header("Enxame-Worker"), "w1");
  EXPECT_THAT(std::string(result.header("Server-Timing")), HasSubstr("queue;dur="));
  EXPECT_EQ(get("/operand/" + named).status, 404) << "no task needs it any more";
}

TEST_F(SplitRoutesTest, TheSameBInALaterTaskHasTheSameNameUnlessToldOtherwise) {
  std::vector<std::string> names;
  for (const char* reuse : {"", "", "&reuse=no", "&reuse=no"}) {
    submit(std::string("?split=rows&tiles=2") + reuse);
    names.emplace_back(claim("&operands=digest").header("Enxame-Operand"));
    claim("&operands=digest");
  }
  EXPECT_EQ(names[0], names[1]);
  EXPECT_NE(names[1], names[2]);
  EXPECT_NE(names[2], names[3]);
}

TEST_F(SplitRoutesTest, OtherWorkersGetWholeTasks) {
  submit("?split=grid&tiles=4", Codec::json);
  for (int i = 0; i < 4; ++i) {
    const http::Reply task = claim();
    EXPECT_EQ(task.header("Enxame-Operand"), "");
    std::string_view frames = task.body;
    const Matrix a = take_frame<double>(frames);
    give_back(task, multiply(a, decode_frame<double>(frames), Kernel::naive));
  }
  const http::Reply result = get("/result/1", {{"Accept", kBinary}});
  EXPECT_EQ(decode_frame<double>(result.body), multiply(a_, b_, Kernel::naive));
}

TEST_F(SplitRoutesTest, TheOriginalsWorkersNeedNotKnow) {
  submit("?split=rows&tiles=6", Codec::json);
  for (int i = 0; i < 6; ++i) {
    const http::Reply task = get("/task/next?workerId=w1");
    EXPECT_THAT(task.body, HasSubstr(encode_text(b_)));
  }
}

TEST_F(SplitRoutesTest, AnOperandThatTheClientHasIsNotSent) {
  submit("?split=rows&tiles=2");
  const std::string digest(claim("&operands=digest").header("Enxame-Operand"));
  const http::Reply reply = get("/operand/" + digest, {{"If-None-Match", "\"" + digest + "\""}});
  EXPECT_EQ(reply.status, 304);
  EXPECT_EQ(reply.body, "");
}

TEST_F(SplitRoutesTest, ASecondCopyOfATileIsAnsweredAsTheFirst) {
  submit("?split=rows&tiles=2");
  const http::Reply task = claim();
  std::string_view frames = task.body;
  const Matrix a = take_frame<double>(frames);
  const Matrix product = multiply(a, decode_frame<double>(frames), Kernel::naive);
  const http::Reply first = give_back(task, product);
  const http::Reply second = give_back(task, product);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(get("/result/1").body, R"({"taskId":1,"status":"processing","result":""})");
  const std::string tile(task.header("Enxame-Task"));
  EXPECT_EQ(get("/result/" + tile, {{"Accept", kBinary}}).body,
            R"({"taskId":)" + tile + R"(,"status":"completed","result":""})");
}

TEST_F(SplitRoutesTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(get("/operand/00112233445566778899aabbccddeeff").status, 404);
  EXPECT_EQ(get("/operand/x").status, 400);
  EXPECT_EQ(get("/operand/00112233445566778899aabbccddeeff0").status, 400);
  for (const char* query : {"?split=columns", "?split=rows&tiles=0", "?split=rows&tiles=1025",
                            "?split=rows&tiles=99999999999999999999", "?split=rows&tiles=-1",
                            "?split=", "?split=rows&reuse=maybe"}) {
    EXPECT_EQ(submit(query).status, 400) << query;
  }
  EXPECT_EQ(get("/stats").body,
            R"({"totalTasks":0,"completedTasks":0,"activeTasks":0,"queueSize":0})");
  submit("");
  EXPECT_EQ(claim("&operands=all").status, 400);
  EXPECT_EQ(claim().status, 200) << "the refused question took no task";
}

TEST_F(SplitRoutesTest, AProductOfAnotherTileGoesBackToTheQueue) {
  submit("?split=rows&tiles=4");  // of 2, 2, 1 and 1 rows
  const http::Reply task = claim();
  EXPECT_EQ(give_back(task, Matrix(1, 5)).status, 400);
  EXPECT_EQ(claim().header("Enxame-Task"), task.header("Enxame-Task"));
}

TEST_F(SplitRoutesTest, AClientMultipliesInTiles) {
  std::atomic<bool> done = false;
  std::atomic<int> tiles = 0;
  std::thread worker([&] {
    http::Client client(http::Origin::parse(server_.url()));
    while (!done) {
      const http::Reply task = client.send(
          {.target = "/task/next?workerId=w1&wait=20", .headers = {{"Accept", kBinary}}});
      if (task.status != 200) continue;
      ++tiles;
      std::string_view frames = task.body;
      const Matrix a = take_frame<double>(frames);
      http::Call call{
          .method = "POST",
          .target = "/task/" + std::string(task.header("Enxame-Task")) +
                    "/result?workerId=w1&lease=" + std::string(task.header("Enxame-Lease")),
          .content_type = kBinary};
      append_frame(multiply(a, decode_frame<double>(frames), Kernel::naive), call.body);
      client.send(call);
    }
  });
  for (const Codec codec : {Codec::binary, Codec::json}) {
    CoordinatorMatmul matmul(server_.url(), codec, {.split = {SplitKind::grid, 6}});
    const Product product = matmul.multiply(a_, b_);
    EXPECT_EQ(product.matrix, multiply(a_, b_, Kernel::naive));
    EXPECT_EQ(product.worker, "w1");
  }
  EXPECT_EQ(tiles, 12);
  done = true;
  worker.join();
}

}  // namespace
}  // namespace enxame::coordinator
