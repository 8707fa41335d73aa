// What a second worker is worth to one large multiplication: A·B on one worker, unsplit, beside the
// same on two, in rows and in a grid, each worker a process of its own over loopback.
//
//   split_bench --n 1024,2048      (split_bench --help)
//
// All are medians in ms of calls made alternately, since neighbours on the machine disturb all
// alike; the speed-up is the ratio of the medians. B is another one in each round, so that no
// worker has it already. The phases are those of the median call, of its tile that ended last.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/program.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "testing/process.h"

namespace enxame::native {
namespace {

constexpr int kRounds = 11;

double in_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::vector<std::string> worker_command() {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return {folder / "matmul-worker"};
}

/// One way to multiply, and how long each of its calls took.
class Arm {
 public:
  Arm(std::string name, std::vector<rpc::WorkerAddress> workers, SplitKind split)
      : name_(std::move(name)), proxy_(std::move(workers), {.split = split}) {}

  void multiply(const Matrix& a, const Matrix& b) {
    Stopwatch watch;
    Product product = proxy_.multiply(a, b);
    calls_.push_back({watch.lap(), product.phases});
  }
  void forget() { calls_.clear(); }

  struct Call {
    Duration took;
    Phases phases;
  };

  Call median() {
    const auto middle = calls_.begin() + static_cast<std::ptrdiff_t>(calls_.size() / 2);
    std::ranges::nth_element(calls_, middle, {}, &Call::took);
    return *middle;
  }
  void print(std::size_t n, Duration baseline) {
    const auto [took, phases] = median();
    std::printf("%6zu  %-12s %8.1f  %5.2f   %7.1f %6.1f %8.1f %6.1f %8.1f %6.1f %7.1f\n", n,
                name_.c_str(), in_ms(took), in_ms(baseline) / in_ms(took), in_ms(phases.submit),
                in_ms(phases.queue), in_ms(phases.dispatch), in_ms(phases.worker.decode),
                in_ms(phases.worker.compute), in_ms(phases.return_trip), in_ms(phases.collect));
  }

 private:
  std::string name_;
  MatmulProxy proxy_;
  std::vector<Call> calls_;
};

void compare(std::vector<std::size_t> orders) {
  const testing::Process first(worker_command());
  const testing::Process second(worker_command());
  const rpc::WorkerAddress one = rpc::parse_worker_address(first.listening_on());
  const rpc::WorkerAddress two = rpc::parse_worker_address(second.listening_on());
  std::vector<std::unique_ptr<Arm>> arms;
  arms.push_back(
      std::make_unique<Arm>("one worker", std::vector<rpc::WorkerAddress>{one}, SplitKind::none));
  arms.push_back(std::make_unique<Arm>("two, rows", std::vector<rpc::WorkerAddress>{one, two},
                                       SplitKind::rows));
  arms.push_back(std::make_unique<Arm>("two, grid", std::vector<rpc::WorkerAddress>{one, two},
                                       SplitKind::grid));
  std::printf(
      "     n  workers            ms  speed   submit  queue dispatch decode  compute return "
      "collect\n");
  for (const std::size_t n : orders) {
    const Matrix a = random_matrix<double>({n, n}, 1);
    Matrix b = random_matrix<double>({n, n}, 2);
    for (int round = -1; round < kRounds; ++round) {
      for (const auto& arm : arms) {
        b(0, 0) += 1;
        arm->multiply(a, b);
        if (round < 0) arm->forget();  // connections, memory, clocks
      }
    }
    const Duration baseline = arms.front()->median().took;
    for (const auto& arm : arms) {
      arm->print(n, baseline);
      arm->forget();
    }
  }
}

}  // namespace
}  // namespace enxame::native

int main(int argc, char** argv) {
  std::vector<std::size_t> orders{1024, 2048};
  enxame::cli::Flags flags(
      "split_bench", "Times one large multiplication on one worker, and shared by two, over TCP.");
  flags.list(
      "n", orders,
      [](std::string_view item) {
        return static_cast<std::size_t>(enxame::cli::parse_integer(item, 1, 8192));
      },
      "N", "orders of the matrices (default: 1024,2048)");
  return enxame::cli::run_program(flags, argc, argv, [&] {
    enxame::native::compare(orders);
    return 0;
  });
}
