// The envelope of a task, MB/s of body: {"A":"[[…]]","B":"[[…]]"} with texts of so many bytes.
// `of_memcpy` is the share of what memcpy reaches on the same bytes in the same process, `vs_json`
// how many times faster than nlohmann/json.

#include <benchmark/benchmark.h>

#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>

#include "json/envelope.h"

namespace enxame::json {
namespace {

/// CPU seconds of this process, which a machine shared with others does not stretch.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <typename Work>
double seconds_per_run(Work work) {
  constexpr double kLongEnough = 0.02;
  for (int runs = 1;; runs *= 2) {
    const double begin = cpu_seconds();
    for (int i = 0; i < runs; ++i) work();
    const double elapsed = cpu_seconds() - begin;
    if (elapsed >= kLongEnough) return elapsed / runs;
  }
}

/// A body of about that many bytes; `piece` is what its texts repeat.
std::string body_of(std::size_t bytes, const std::string& piece) {
  std::string text;
  while (text.size() < bytes / 2) text += piece;
  return R"({"A":")" + text + R"(","B":")" + text + R"("})";
}

void read(benchmark::State& state, const std::string& body) {
  std::string copy(body.size(), '\0');
  const double memcpy_seconds = seconds_per_run([&] {
    std::memcpy(copy.data(), body.data(), body.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  });
  const double json_seconds =
      seconds_per_run([&] { benchmark::DoNotOptimize(nlohmann::json::parse(body)); });
  const double begin = cpu_seconds();
  for (auto _ : state) {
    const Envelope envelope(body);
    benchmark::DoNotOptimize(envelope.text("A").data());
    benchmark::DoNotOptimize(envelope.text("B").data());
  }
  const double work_seconds = (cpu_seconds() - begin) / static_cast<double>(state.iterations());
  state.counters["MB/s"] = static_cast<double>(body.size()) / work_seconds / 1e6;
  state.counters["of_memcpy"] = memcpy_seconds / work_seconds;
  state.counters["vs_json"] = json_seconds / work_seconds;
}

void plain(benchmark::State& state) {
  read(state, body_of(static_cast<std::size_t>(state.range(0)), "0.123456789012345,"));
}
void with_escapes(benchmark::State& state) {
  read(state, body_of(static_cast<std::size_t>(state.range(0)), "0.123456789012345,\\n"));
}

BENCHMARK(plain)->Arg(32)->Arg(1 << 10)->Arg(1 << 16)->Arg(1 << 22)->Arg(1 << 25);
BENCHMARK(with_escapes)->Arg(1 << 10)->Arg(1 << 22);

}  // namespace
}  // namespace enxame::json
