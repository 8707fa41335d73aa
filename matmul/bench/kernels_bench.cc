// GFLOP/s of every kernel beside OpenBLAS and the register-only roof of its own instructions; with
// --tiles also of every candidate tile of `simd`.
//
// The order of repetitions is random by default, so that a slow minute of the machine does not fall
// on one kernel alone.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "matmul/bench/candidates.h"
#include "matmul/bench/rate_table.h"
#include "matmul/kernel.h"
#include "matmul/kernels/gemm.h"
#include "matmul/kernels/simd.h"
#include "matmul/matrix.h"

namespace enxame {
namespace {

constexpr int kOrders[] = {8, 16, 24, 32, 48, 64, 96, 128, 256, 512, 768, 1024};
constexpr int kLargestNaive = 256;  // beyond, it costs seconds and shows nothing new

bool is_naive(Kernel kernel) { return kernel == Kernel::origin || kernel == Kernel::naive; }
constexpr int kTileOrders[] = {64, 512};

void set_rate(benchmark::State& state, double flops_per_iteration) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(flops_per_iteration * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

// Small whole numbers, which every kernel takes.
template <typename T>
MatrixOf<T> whole_matrix(std::size_t n, std::uint64_t seed) {
  auto matrix = random_matrix<T>({n, n}, seed);
  for (T& x : matrix.values()) x = std::floor(x * 10);
  return matrix;
}

template <typename T, typename Gemm>
void multiply_repeatedly(benchmark::State& state, int order, const Gemm& gemm) {
  const auto n = static_cast<std::size_t>(order);
  const auto a = whole_matrix<T>(n, 1);
  const auto b = whole_matrix<T>(n, 2);
  MatrixOf<T> c(n, n);
  gemm(n, n, n, a.data(), b.data(), c.data());  // first touch of workspaces is not what is asked
  for (auto _ : state) {
    gemm(n, n, n, a.data(), b.data(), c.data());
    benchmark::ClobberMemory();
  }
  set_rate(state, 2.0 * order * order * order);
}

template <typename T, typename Gemm>
void add_multiplication(const std::string& subject, const char* dtype, int order, Gemm gemm) {
  const std::string name = subject + "/" + dtype + "/" + std::to_string(order);
  benchmark::RegisterBenchmark(name.c_str(), [order, gemm](benchmark::State& state) {
    multiply_repeatedly<T>(state, order, gemm);
  });
}

void add_kernels() {
  for (const int order : kOrders) {
    for (const Kernel kernel : available_kernels()) {
      if (is_naive(kernel) && order > kLargestNaive) continue;
      const std::string subject = "kernel/" + std::string(to_string(kernel));
      add_multiplication<double>(subject, "f64", order, internal::gemm_of<double>(kernel));
      add_multiplication<float>(subject, "f32", order, internal::gemm_of<float>(kernel));
    }
  }
}

bool is_supported(std::string_view instruction_set) {
  return std::ranges::any_of(internal::supported_simd_variants(),
                             [&](const auto* variant) { return variant->name == instruction_set; });
}

void add_roof(const internal::Roof& roof) {
  if (roof.needs != nullptr && !is_supported(roof.needs)) return;
  const auto add = [&](const char* dtype, auto run, double flops_per_step) {
    const std::string name = std::string("roof/") + roof.name + "/" + dtype + "/0";
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      constexpr std::size_t kSteps = 10'000;
      for (auto _ : state) benchmark::DoNotOptimize(run(kSteps, 0.5F, 0.25F));
      set_rate(state, flops_per_step * static_cast<double>(kSteps));
    });
  };
  add("f64", roof.f64, roof.flops_per_step_f64);
  add("f32", roof.f32, roof.flops_per_step_f32);
}

void add_roofs() {
  add_roof(internal::kRoofMulAdd128);
#if defined(__x86_64__)
  add_roof(internal::kRoofFma128);
  add_roof(internal::kRoofFma256);
  add_roof(internal::kRoofFma512);
#endif
}

template <typename T>
auto gemm_of_tile(const internal::SimdVariant& tile) {
  return [&tile](std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    internal::run_simd(tile, m, n, k, a, b, c);
  };
}

void add_tiles(const internal::Candidates& candidates, bool runs_here) {
  if (!runs_here) return;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    const internal::SimdVariant& tile = candidates.begin[i];
    const std::string subject = "tile " + std::string(candidates.instruction_set) + "/" + tile.name;
    for (const int order : kTileOrders) {
      add_multiplication<double>(subject, "f64", order, gemm_of_tile<double>(tile));
      add_multiplication<float>(subject, "f32", order, gemm_of_tile<float>(tile));
    }
  }
}

void add_all_tiles() {
  add_tiles(internal::kCandidates128, true);
#if defined(__x86_64__)
  add_tiles(internal::kCandidatesAvx2, is_supported("avx2"));
  add_tiles(internal::kCandidatesAvx512, is_supported("avx512"));
#endif
}

// The roof of what the compiler may use in a kernel, and OpenBLAS in all it knows.
std::string roof_of(const std::string& group, const std::string& subject) {
  std::string instruction_set = "baseline";
  if (group.starts_with("tile ")) instruction_set = group.substr(5);
  if (subject == "simd" || subject == "blas") instruction_set = simd_instruction_set();
  if (instruction_set == "avx512") return "512-bit fma";
  if (instruction_set == "avx2") return "256-bit fma";
  return "128-bit mul+add";
}

int run(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const bool with_tiles =
      std::erase_if(arguments, [](const char* a) { return std::string_view(a) == "--tiles"; }) > 0;
  // Before the user's own, which win.
  std::string defaults[] = {"--benchmark_enable_random_interleaving=true",
                            "--benchmark_repetitions=5", "--benchmark_min_time=0.05"};
  for (std::string& flag : defaults) arguments.insert(arguments.begin() + 1, flag.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;

  add_roofs();
  add_kernels();
  if (with_tiles) add_all_tiles();
  benchmark::AddCustomContext("simd_instruction_set", std::string(simd_instruction_set()));
  RateTable table(roof_of);
  benchmark::RunSpecifiedBenchmarks(&table);
  table.print(std::cout);
  return 0;
}

}  // namespace
}  // namespace enxame

int main(int argc, char** argv) { return enxame::run(argc, argv); }
