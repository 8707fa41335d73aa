// Text and binary codec, MB/s of text or payload, on random doubles and on small whole numbers.
// `of_memcpy` is the share of what memcpy reaches on the same bytes in the same process; `vs_json`
// how many times faster than nlohmann/json on the same array.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "matmul/bench/cpu_time.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/matrix.h"

namespace enxame {
namespace {

Matrix doubles(std::size_t n) { return random_matrix<double>({n, n}, 1); }

Matrix small_integers(std::size_t n) {
  Matrix matrix = doubles(n);
  for (double& x : matrix.values()) x = std::floor(x * 100);
  return matrix;
}

using MakeMatrix = Matrix (*)(std::size_t n);

/// Runs `work` on `bytes`; `json` is the same work by nlohmann/json. The references run before and
/// after, so that both see the same machine.
template <typename Work, typename Json>
void measure(benchmark::State& state, std::string_view bytes, Work work, Json json) {
  std::string copy(bytes.size(), '\0');
  const auto copy_bytes = [&] {
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  };
  double memcpy_seconds = seconds_per_run(copy_bytes);
  double json_seconds = seconds_per_run(json);
  const double begin = cpu_seconds();
  for (auto _ : state) work();
  const double work_seconds = (cpu_seconds() - begin) / static_cast<double>(state.iterations());
  memcpy_seconds = (memcpy_seconds + seconds_per_run(copy_bytes)) / 2;
  json_seconds = (json_seconds + seconds_per_run(json)) / 2;

  state.counters["MB/s"] = static_cast<double>(bytes.size()) / work_seconds / 1e6;
  state.counters["of_memcpy"] = memcpy_seconds / work_seconds;
  state.counters["vs_json"] = json_seconds / work_seconds;
}

nlohmann::json as_json(const Matrix& matrix) { return nlohmann::json::parse(encode_text(matrix)); }

void text_encode(benchmark::State& state, MakeMatrix make) {
  const Matrix matrix = make(static_cast<std::size_t>(state.range(0)));
  const std::string text = encode_text(matrix);
  const nlohmann::json json = as_json(matrix);
  measure(
      state, text, [&] { benchmark::DoNotOptimize(encode_text(matrix)); },
      [&] { benchmark::DoNotOptimize(json.dump()); });
}

void text_decode(benchmark::State& state, MakeMatrix make) {
  const std::string text = encode_text(make(static_cast<std::size_t>(state.range(0))));
  measure(
      state, text, [&] { benchmark::DoNotOptimize(decode_text<double>(text)); },
      [&] { benchmark::DoNotOptimize(nlohmann::json::parse(text)); });
}

void binary_encode(benchmark::State& state, MakeMatrix make) {
  const Matrix matrix = make(static_cast<std::size_t>(state.range(0)));
  std::string frame;
  append_frame(matrix, frame);
  const nlohmann::json json = as_json(matrix);
  measure(
      state, frame,
      [&] {
        std::string out;
        append_frame(matrix, out);
        benchmark::DoNotOptimize(out);
      },
      [&] { benchmark::DoNotOptimize(json.dump()); });
}

void binary_decode(benchmark::State& state, MakeMatrix make) {
  const Matrix matrix = make(static_cast<std::size_t>(state.range(0)));
  std::string frame;
  append_frame(matrix, frame);
  const std::string text = encode_text(matrix);
  measure(
      state, frame, [&] { benchmark::DoNotOptimize(decode_frame<double>(frame)); },
      [&] { benchmark::DoNotOptimize(nlohmann::json::parse(text)); });
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n")->Arg(8)->Arg(64)->Arg(256)->Arg(512);
}

BENCHMARK_CAPTURE(text_encode, doubles, doubles)->Apply(sizes);
BENCHMARK_CAPTURE(text_encode, small_integers, small_integers)->Apply(sizes);
BENCHMARK_CAPTURE(text_decode, doubles, doubles)->Apply(sizes);
BENCHMARK_CAPTURE(text_decode, small_integers, small_integers)->Apply(sizes);
BENCHMARK_CAPTURE(binary_encode, doubles, doubles)->Apply(sizes);
BENCHMARK_CAPTURE(binary_decode, doubles, doubles)->Apply(sizes);

}  // namespace
}  // namespace enxame
