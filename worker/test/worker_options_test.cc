#include "worker/worker_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

std::string error_of(std::string_view query) {
  try {
    parse_worker_options(query, "id");
  } catch (const QueryError& error) {
    return error.what();
  }
  return "no error";
}

TEST(WorkerOptions, HaveDefaults) {
  const WorkerOptions options = parse_worker_options("", "w9");
  EXPECT_EQ(options.worker_id, "w9");
  EXPECT_EQ(options.dispatch, Dispatch::push);
  EXPECT_EQ(options.codec, Codec::binary);
  EXPECT_EQ(options.kernel, best_kernel());
  EXPECT_EQ(options.service_time, milliseconds(0));
}

TEST(WorkerOptions, ReadEveryParameter) {
  const WorkerOptions options = parse_worker_options(
      "?workerId=w1&dispatch=poll&interval=500&codec=binary&kernel=naive&serviceTime=250", "w9");
  EXPECT_EQ(options.worker_id, "w1");
  EXPECT_EQ(options.dispatch, Dispatch::poll);
  EXPECT_EQ(options.interval, milliseconds(500));
  EXPECT_EQ(options.codec, Codec::binary);
  EXPECT_EQ(options.kernel, Kernel::naive);
  EXPECT_EQ(options.service_time, milliseconds(250));
}

TEST(WorkerOptions, PushIsBinary) {
  EXPECT_EQ(parse_worker_options("dispatch=push", "w").dispatch, Dispatch::push);
  EXPECT_EQ(parse_worker_options("dispatch=push", "w").codec, Codec::binary);
  EXPECT_EQ(parse_worker_options("codec=binary&dispatch=push", "w").codec, Codec::binary);
  EXPECT_EQ(error_of("codec=json&dispatch=push"),
            "codec=json: expected binary, the only one of dispatch=push");
}

TEST(WorkerOptions, AskWhenTheyAreOfAWorkerThatAsks) {
  const WorkerOptions asks = parse_worker_options("dispatch=long-poll", "w");
  EXPECT_EQ(asks.wait, milliseconds(25'000));
  EXPECT_EQ(asks.codec, Codec::json);
  EXPECT_EQ(parse_worker_options("codec=json", "w").dispatch, Dispatch::long_poll);
  EXPECT_EQ(parse_worker_options("wait=1000", "w").dispatch, Dispatch::long_poll);
  EXPECT_EQ(parse_worker_options("interval=1000", "w").dispatch, Dispatch::poll);
  EXPECT_EQ(parse_worker_options("codec=binary&kernel=simd", "w").dispatch, Dispatch::push);
}

TEST(WorkerOptions, RefuseWhatHasNoEffect) {
  EXPECT_EQ(error_of("dispatch=push&wait=1000"),
            "wait: without effect with dispatch=push, expected dispatch=long-poll or no wait");
  EXPECT_THAT(error_of("dispatch=long-poll&interval=9"), HasSubstr("interval: without effect"));
  EXPECT_THAT(error_of("dispatch=poll&wait=9"), HasSubstr("wait: without effect"));
  EXPECT_THAT(error_of("interval=9&wait=9"), HasSubstr("wait: without effect"));
}

TEST(WorkerOptions, SayWhatWasExpected) {
  EXPECT_EQ(error_of("dispatch=pull"), "dispatch=pull: expected long-poll, poll or push");
  EXPECT_EQ(error_of("codec=xml"), "codec=xml: expected json or binary");
  EXPECT_THAT(error_of("kernel=cuda"), HasSubstr("kernel=cuda: unknown kernel 'cuda'"));
  EXPECT_THAT(error_of("kernel=relaxed"), HasSubstr("needs Wasm with relaxed SIMD"));
  EXPECT_THAT(error_of("interval=0"), HasSubstr("interval=0: expected milliseconds"));
  EXPECT_THAT(error_of("interval=2s"), HasSubstr("from 1 to 60000"));
  EXPECT_THAT(error_of("wait=60001"), HasSubstr("wait=60001"));
  EXPECT_THAT(error_of("wait="), HasSubstr("wait="));
  EXPECT_THAT(error_of("serviceTime=1s"), HasSubstr("from 0 to 60000"));
  EXPECT_THAT(error_of("workerId="), HasSubstr("1 to 128 visible"));
  EXPECT_THAT(error_of("workerId=a%0Ab"), HasSubstr("visible"));
  EXPECT_THAT(error_of("workerId=" + std::string(129, 'x')), HasSubstr("1 to 128"));
  EXPECT_THAT(error_of("kernal=simd"), HasSubstr("kernal: unknown parameter"));
  EXPECT_THAT(error_of("codec=json&codec=binary"), HasSubstr("only once"));
}

TEST(WorkerOptions, MayNameAProgramThatComputesInItsPlace) {
  const WorkerOptions options = parse_worker_options("module=stdio-worker.wasm", "w");
  EXPECT_EQ(options.module, "stdio-worker.wasm");
  EXPECT_EQ(options.engine, "stdio-worker");
  EXPECT_EQ(to_words(options), "push, codec binary, module stdio-worker.wasm");
  EXPECT_THAT(error_of("module=stdio-worker.wasm&kernel=simd"),
              HasSubstr("kernel: without effect"));
  // Nothing but a file beside the page.
  for (const char* elsewhere : {"", ".wasm", "x.js", "..%2Fx.wasm", "a%2Fx.wasm",
                                "%2F%2Fhost%2Fx.wasm", "http:x.wasm", ".x.wasm", "x.wasm%3Fq"}) {
    EXPECT_THAT(error_of("module=" + std::string(elsewhere)), HasSubstr("a file beside the page"))
        << elsewhere;
  }
}

TEST(WorkerOptions, AreSaidInWords) {
  EXPECT_EQ(to_words(parse_worker_options("", "w")), "push, codec binary, kernel simd");
  EXPECT_EQ(to_words(parse_worker_options("dispatch=long-poll", "w")),
            "long-poll for 25 s, codec json, kernel simd");
  EXPECT_EQ(to_words(parse_worker_options("dispatch=poll&codec=binary&kernel=naive", "w")),
            "poll every 2 s, codec binary, kernel naive");
  EXPECT_EQ(to_words(parse_worker_options("dispatch=push&serviceTime=100", "w")),
            "push, codec binary, kernel simd, service time 100 ms");
}

TEST(RandomWorkerId, IsAValidIdAndRarelyTheSame) {
  const std::string id = random_worker_id();
  EXPECT_EQ(parse_worker_options("workerId=" + id, "").worker_id, id);
  EXPECT_NE(id, random_worker_id());
}

}  // namespace
}  // namespace enxame::worker
