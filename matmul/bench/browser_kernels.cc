// The kernels, the candidate tiles, the register-only roofs and the text codec in Wasm, for
// browser-kernels.mjs.

#include <emscripten/emscripten.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "matmul/bench/candidates.h"
#include "matmul/codec/text_codec.h"
#include "matmul/kernel.h"
#include "matmul/kernels/gemm.h"
#include "matmul/kernels/simd.h"
#include "matmul/matrix.h"

namespace enxame {
namespace {

// Does its work once for matrices of order n and returns how much that was: floating-point
// operations, or bytes.
using Work = std::function<double()>;

struct Subject {
  std::string name;
  std::string roof;  ///< the subject that it cannot exceed
  std::function<Work(std::size_t n)> f64;
  std::function<Work(std::size_t n)> f32;
};

constexpr const char* kMulAdd = "roof mul+add";
constexpr const char* kFma = "roof fma";

// Small whole numbers, which every kernel takes.
template <typename T>
MatrixOf<T> whole_matrix(std::size_t n, std::uint64_t seed) {
  auto matrix = random_matrix<T>({n, n}, seed);
  for (T& x : matrix.values()) x = std::floor(x * 100);
  return matrix;
}

template <typename T, typename Gemm>
Work multiplication(std::size_t n, Gemm gemm) {
  return [n, gemm, a = whole_matrix<T>(n, 1), b = whole_matrix<T>(n, 2),
          c = MatrixOf<T>(n, n)]() mutable {
    gemm(a, b, c);
    return 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  };
}

template <typename T>
Work kernel_work(Kernel kernel, std::size_t n) {
  const internal::Gemm<T> gemm = internal::gemm_of<T>(kernel);
  return multiplication<T>(n, [gemm, n](const auto& a, const auto& b, auto& c) {
    gemm(n, n, n, a.data(), b.data(), c.data());
  });
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

void add_kernels(std::vector<Subject>& list) {
  for (const Kernel kernel : available_kernels()) {
    const bool fused = kernel == Kernel::relaxed || kernel == Kernel::relaxed_wide;
    list.push_back({std::string(to_string(kernel)), fused ? kFma : kMulAdd,
                    [kernel](std::size_t n) { return kernel_work<double>(kernel, n); },
                    [kernel](std::size_t n) { return kernel_work<float>(kernel, n); }});
  }
}

void add_roof(std::vector<Subject>& list, const char* name, const internal::Roof& roof) {
  list.push_back({name, name,
                  [&](std::size_t) { return roof_work(roof.f64, roof.flops_per_step_f64); },
                  [&](std::size_t) { return roof_work(roof.f32, roof.flops_per_step_f32); }});
}

void add_tiles(std::vector<Subject>& list, const std::string& kernel, const char* roof,
               const internal::Candidates& tiles) {
  for (std::size_t i = 0; i < tiles.count; ++i) {
    const internal::SimdVariant& tile = tiles.begin[i];
    list.push_back({"tile " + kernel + " " + tile.name, roof,
                    [&](std::size_t n) { return tile_work<double>(tile, n); },
                    [&](std::size_t n) { return tile_work<float>(tile, n); }});
  }
}

template <typename T>
Work encoding(MatrixOf<T> matrix) {
  return [matrix = std::move(matrix)] { return static_cast<double>(encode_text(matrix).size()); };
}

template <typename T>
Work decoding(const MatrixOf<T>& matrix) {
  return [text = encode_text(matrix)] {
    volatile T sink = decode_text<T>(text)(0, 0);
    static_cast<void>(sink);
    return static_cast<double>(text.size());
  };
}

template <typename T>
MatrixOf<T> real_matrix(std::size_t n) {
  return random_matrix<T>({n, n}, 1);
}

template <typename T>
MatrixOf<T> integers(std::size_t n) {
  return whole_matrix<T>(n, 1);
}

void add_codecs(std::vector<Subject>& list) {
  list.push_back({"text encode reals", "",
                  [](std::size_t n) { return encoding(real_matrix<double>(n)); },
                  [](std::size_t n) { return encoding(real_matrix<float>(n)); }});
  list.push_back({"text encode integers", "",
                  [](std::size_t n) { return encoding(integers<double>(n)); },
                  [](std::size_t n) { return encoding(integers<float>(n)); }});
  list.push_back({"text decode reals", "",
                  [](std::size_t n) { return decoding(real_matrix<double>(n)); },
                  [](std::size_t n) { return decoding(real_matrix<float>(n)); }});
  list.push_back({"text decode integers", "",
                  [](std::size_t n) { return decoding(integers<double>(n)); },
                  [](std::size_t n) { return decoding(integers<float>(n)); }});
}

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = [] {
    std::vector<Subject> list;
    add_kernels(list);
    add_roof(list, kMulAdd, internal::kRoofMulAdd128);
    add_roof(list, kFma, internal::kRoofFma128);
    add_roof(list, "roof mul+add fused", internal::kRoofMulAddWide);
    add_roof(list, "roof fma fused", internal::kRoofFmaWide);
    add_tiles(list, "simd", kMulAdd, internal::kCandidates128);
    add_tiles(list, "relaxed", kFma, internal::kCandidatesRelaxed);
    add_codecs(list);
    return list;
  }();
  return all;
}

const Subject& subject_of(int number) { return subjects()[static_cast<std::size_t>(number)]; }

}  // namespace
}  // namespace enxame

extern "C" {

/// How many subjects can be measured; they are numbered from 0.
EMSCRIPTEN_KEEPALIVE int subject_count() { return static_cast<int>(enxame::subjects().size()); }

/// The name of a kernel, "roof …", "tile KERNEL MR×NR" or "text …".
EMSCRIPTEN_KEEPALIVE const char* subject_name(int subject) {
  return enxame::subject_of(subject).name.c_str();
}

/// The subject that it cannot exceed, "" where there is none. Where the engine fuses neighbouring
/// vectors, it is the one of that name with " fused" behind it.
EMSCRIPTEN_KEEPALIVE const char* subject_roof(int subject) {
  return enxame::subject_of(subject).roof.c_str();
}

/// GFLOP/s (of "text …" GB/s) of the subject at order n, over at least `seconds`.
EMSCRIPTEN_KEEPALIVE double measure(int subject, bool f32, int n, double seconds) {
  const enxame::Subject& chosen = enxame::subject_of(subject);
  const auto order = static_cast<std::size_t>(n);
  enxame::Work work = f32 ? chosen.f32(order) : chosen.f64(order);
  work();
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  double done = 0;
  std::chrono::duration<double> elapsed{};
  // The browser's clock ticks coarsely and costs a call: small products are timed by the hundred.
  const int batch = n <= 64 ? 100 : 1;
  do {
    for (int i = 0; i < batch; ++i) done += work();
    elapsed = Clock::now() - start;
  } while (elapsed.count() < seconds);
  return done / elapsed.count() * 1e-9;
}
}
