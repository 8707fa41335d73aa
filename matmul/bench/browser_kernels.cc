// The kernels, the candidate tiles and the register-only roof in Wasm, one exported function each,
// for browser-kernels.mjs.

#include <emscripten/emscripten.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "matmul/bench/candidates.h"
#include "matmul/kernel.h"
#include "matmul/kernels/simd.h"
#include "matmul/matrix.h"

namespace enxame {
namespace {

// Does its work once for matrices of order n and returns how many floating-point operations that
// took.
using Work = std::function<double()>;

struct Subject {
  std::string name;
  std::function<Work(std::size_t n)> f64;
  std::function<Work(std::size_t n)> f32;
};

template <typename T, typename Gemm>
Work multiplication(std::size_t n, Gemm gemm) {
  return [n, gemm, a = random_matrix<T>({n, n}, 1), b = random_matrix<T>({n, n}, 2),
          c = MatrixOf<T>(n, n)]() mutable {
    gemm(a, b, c);
    return 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  };
}

template <typename T>
Work kernel_work(Kernel kernel, std::size_t n) {
  return multiplication<T>(
      n, [kernel](const auto& a, const auto& b, auto& c) { c = multiply(a, b, kernel); });
}

template <typename T>
Work tile_work(const internal::SimdVariant& tile, std::size_t n) {
  return multiplication<T>(n, [&tile, n](const auto& a, const auto& b, auto& c) {
    internal::run_simd(tile, n, n, n, a.data(), b.data(), c.data());
  });
}

template <typename T>
Work roof_work(T (*run)(std::size_t, T, T), double flops_per_step) {
  return [run, flops_per_step] {
    constexpr std::size_t kSteps = 1'000'000;
    volatile T sink = run(kSteps, T{0.5}, T{0.25});
    static_cast<void>(sink);
    return flops_per_step * static_cast<double>(kSteps);
  };
}

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = [] {
    std::vector<Subject> list;
    for (const Kernel kernel : available_kernels()) {
      list.push_back({std::string(to_string(kernel)),
                      [kernel](std::size_t n) { return kernel_work<double>(kernel, n); },
                      [kernel](std::size_t n) { return kernel_work<float>(kernel, n); }});
    }
    const internal::Roof& roof = internal::kRoofMulAdd128;
    list.push_back({"roof",
                    [&](std::size_t) { return roof_work(roof.f64, roof.flops_per_step_f64); },
                    [&](std::size_t) { return roof_work(roof.f32, roof.flops_per_step_f32); }});
    const internal::Candidates& tiles = internal::kCandidates128;
    for (std::size_t i = 0; i < tiles.count; ++i) {
      const internal::SimdVariant& tile = tiles.begin[i];
      list.push_back({std::string("tile ") + tile.name,
                      [&](std::size_t n) { return tile_work<double>(tile, n); },
                      [&](std::size_t n) { return tile_work<float>(tile, n); }});
    }
    return list;
  }();
  return all;
}

}  // namespace
}  // namespace enxame

extern "C" {

/// How many subjects can be measured; they are numbered from 0.
EMSCRIPTEN_KEEPALIVE int subject_count() { return static_cast<int>(enxame::subjects().size()); }

/// "naive", "blocked", "simd", "roof" or "tile MR×NR".
EMSCRIPTEN_KEEPALIVE const char* subject_name(int subject) {
  return enxame::subjects()[static_cast<std::size_t>(subject)].name.c_str();
}

/// GFLOP/s of the subject at order n, over at least `seconds`.
EMSCRIPTEN_KEEPALIVE double measure(int subject, bool f32, int n, double seconds) {
  const enxame::Subject& chosen = enxame::subjects()[static_cast<std::size_t>(subject)];
  const auto order = static_cast<std::size_t>(n);
  enxame::Work work = f32 ? chosen.f32(order) : chosen.f64(order);
  work();
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  double flops = 0;
  std::chrono::duration<double> elapsed{};
  // The browser's clock ticks coarsely and costs a call: small products are timed by the hundred.
  const int batch = n <= 64 ? 100 : 1;
  do {
    for (int i = 0; i < batch; ++i) flops += work();
    elapsed = Clock::now() - start;
  } while (elapsed.count() < seconds);
  return flops / elapsed.count() * 1e-9;
}
}
