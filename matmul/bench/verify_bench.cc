// What verifying a product costs: Freivalds' test (matmul/verify/freivalds.h) beside the
// multiplication that it verifies. `of_compute` is its share of what the fastest of the project's
// own kernels takes for the same product in the same process, `of_blas` of what OpenBLAS takes;
// `GB/s` is what it reads of the three matrices. `warm` verifies the same product again and again,
// `cold` one after the other of so many that none is in a cache any more; `overflowing` one of
// numbers so large that sums overflow and are added up again in long double.

#include <benchmark/benchmark.h>

#include <vector>

#include "matmul/bench/cpu_time.h"
#include "matmul/kernel.h"
#include "matmul/verify/product_verifier.h"

namespace enxame {
namespace {

enum class Case { warm, cold, overflowing };

Matrix scaled(Matrix matrix, double factor) {
  for (double& x : matrix.values()) x *= factor;
  return matrix;
}

struct Multiplication {
  Matrix a;
  Matrix b;
  Matrix c;

  /// Of elements below `left` and `right`.
  Multiplication(std::size_t n, double left, double right)
      : a(scaled(random_matrix<double>({n, n}, 1), left)),
        b(scaled(random_matrix<double>({n, n}, 2), right)),
        c(multiply(a, b, best_kernel())) {}

  std::size_t bytes() const { return 3 * c.shape().size() * sizeof(double); }
};

std::vector<Multiplication> multiplications(std::size_t n, Case which) {
  constexpr std::size_t kMoreThanCaches = std::size_t{128} << 20;
  const Multiplication one =
      which == Case::overflowing ? Multiplication(n, 1e-300, 1.7e308) : Multiplication(n, 1, 1);
  return {which == Case::cold ? kMoreThanCaches / one.bytes() + 1 : 1, one};
}

double compute_seconds(const Multiplication& task, Kernel kernel) {
  Matrix c(task.c.shape());
  return seconds_per_run([&] {
    multiply_into<double>(task.a, task.b, c.data(), kernel);
    benchmark::DoNotOptimize(c.data());
    benchmark::ClobberMemory();
  });
}

void verify(benchmark::State& state, Case which) {
  const std::vector<Multiplication> tasks =
      multiplications(static_cast<std::size_t>(state.range(0)), which);
  const ProductVerifier verifier(Verify::all);
  const Kernel fastest = available_kernels().back();
  // The references run before and after, so that both see the same machine.
  double own_seconds = compute_seconds(tasks[0], best_kernel());
  double fastest_seconds = compute_seconds(tasks[0], fastest);
  const double begin = cpu_seconds();
  std::size_t next = 0;
  for (auto _ : state) {
    const Multiplication& task = tasks[next];
    next = (next + 1) % tasks.size();
    if (verifier.find_wrong_row(task.a, task.b, task.c)) state.SkipWithError("a right product");
  }
  const double seconds = (cpu_seconds() - begin) / static_cast<double>(state.iterations());
  own_seconds = (own_seconds + compute_seconds(tasks[0], best_kernel())) / 2;
  fastest_seconds = (fastest_seconds + compute_seconds(tasks[0], fastest)) / 2;

  state.counters["GB/s"] = static_cast<double>(tasks[0].bytes()) / seconds / 1e9;
  state.counters["of_compute"] = seconds / own_seconds;
  if (fastest == Kernel::blas) state.counters["of_blas"] = seconds / fastest_seconds;
}

void orders(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n")->Arg(64)->Arg(256)->Arg(512)->Arg(1024);
}

BENCHMARK_CAPTURE(verify, warm, Case::warm)->Apply(orders)->Arg(2);
BENCHMARK_CAPTURE(verify, cold, Case::cold)->Apply(orders);
BENCHMARK_CAPTURE(verify, overflowing, Case::overflowing)->Apply(orders);

}  // namespace
}  // namespace enxame
