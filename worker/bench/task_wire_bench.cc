// What the JSON around a task costs beside the matrices in it: the whole decoding of a task, its
// texts alone, and a copy of the same bytes as the floor. The counter `of_texts` is the time over
// that of the texts alone, from the same run.

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <vector>

#include "matmul/codec/text_codec.h"
#include "worker/task_wire.h"

namespace enxame::worker {
namespace {

/// The text of a random matrix, and a task of it times itself.
struct Sample {
  explicit Sample(std::size_t n)
      : text(encode_text(random_matrix<double>({n, n}, 1))),
        body(R"({"taskId":7,"data":{"A":")" + text + R"(","B":")" + text + R"("}})") {}

  std::string text;
  std::string body;
};

template <typename F>
double seconds(F&& work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

void decode_both_texts(const Sample& sample) {
  benchmark::DoNotOptimize(decode_text<double>(sample.text));
  benchmark::DoNotOptimize(decode_text<double>(sample.text));
}

/// Runs `work` and the decoding of the texts in turn, so that both meet the same disturbances.
template <typename F>
void compare_with_texts(benchmark::State& state, F&& work) {
  const Sample sample(static_cast<std::size_t>(state.range(0)));
  double work_s = 0;
  double texts_s = 0;
  for ([[maybe_unused]] auto _ : state) {
    const double elapsed_s = seconds([&] { work(sample); });
    state.SetIterationTime(elapsed_s);
    work_s += elapsed_s;
    texts_s += seconds([&] { decode_both_texts(sample); });
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample.body.size()));
  state.counters["of_texts"] = work_s / texts_s;
}

void BM_DecodeTask(benchmark::State& state) {
  compare_with_texts(state, [](const Sample& sample) {
    const HttpAnswer answer{
        .status = 200, .headers = {{"Content-Type", "application/json"}}, .body = sample.body};
    benchmark::DoNotOptimize(decode_task(answer, Codec::json));
  });
}
BENCHMARK(BM_DecodeTask)->Arg(2)->Arg(64)->Arg(512)->UseManualTime();

void BM_Copy(benchmark::State& state) {
  compare_with_texts(state, [](const Sample& sample) {
    std::string copy = sample.body;
    benchmark::DoNotOptimize(copy);
  });
}
BENCHMARK(BM_Copy)->Arg(2)->Arg(64)->Arg(512)->UseManualTime();

}  // namespace
}  // namespace enxame::worker
