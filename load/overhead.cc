#include "load/overhead.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "load/request.h"
#include "load/sample_log.h"
#include "load/trial.h"
#include "load/workload.h"

namespace enxame::load {
namespace {

/// Products that lie ready at a time: few, so that they are as warm as an answer just received.
constexpr std::size_t kStock = 16;

/// Answers at once, with products that were made before.
class ReadyMatmul : public Matmul {
 public:
  /// Puts the products of requests `first` and those that follow in stock.
  void restock(const Workload& workload, std::size_t first, std::size_t count) {
    constexpr WorkerPhases kPhases{
        .decode = Duration(123'456), .compute = Duration(1'234'567), .encode = Duration(12'345)};
    stock_.clear();
    for (std::size_t i = first; i < first + count; ++i) {
      Phases phases;
      phases.worker = kPhases;
      stock_.push_back({workload.problem(0, i).checker.reference(), phases, "127.0.0.1:65535"});
    }
    taken_ = 0;
  }

  Product multiply(const Matrix&, const Matrix&) override { return std::move(stock_[taken_++]); }

 private:
  std::vector<Product> stock_;
  std::size_t taken_ = 0;
};

/// Sums of nanoseconds over the requests of a repetition.
struct Cost {
  Duration inside{};
  Duration all{};
  Duration check{};
  Duration row{};
};

void spend_on_requests(ReadyMatmul& system, const Workload& workload, std::size_t first,
                       std::size_t count, Trial& trial, Cost& cost) {
  system.restock(workload, first, count);
  const auto start = Clock::now();
  for (std::size_t i = first; i < first + count; ++i) {
    Sample sample = make_request(system, workload.problem(0, i), 0);
    cost.inside += sample.response;
    trial.record(std::move(sample));
  }
  cost.all += Clock::now() - start;
}

void spend_on_parts(ReadyMatmul& system, const Workload& workload, std::size_t first,
                    std::size_t count, SampleLog& log, Cost& cost) {
  system.restock(workload, first, count);
  const Sample sample = make_request(system, workload.problem(0, first), 0);
  for (std::size_t i = first + 1; i < first + count; ++i) {
    const Problem& problem = workload.problem(0, i);
    const Product product = system.multiply(problem.a, problem.b);
    const auto start = Clock::now();
    const bool wrong = problem.checker.check(product.matrix).has_value();
    const auto checked = Clock::now();
    log.append(sample, start);
    cost.row += Clock::now() - checked;
    cost.check += checked - start;
    if (wrong) throw std::runtime_error("the check refuses a reference product");
  }
}

Spread spread_of(std::vector<double> means_ns) {
  std::ranges::sort(means_ns);
  return {.median_ns = means_ns[means_ns.size() / 2],
          .min_ns = means_ns.front(),
          .max_ns = means_ns.back()};
}

}  // namespace

Overhead measure_overhead(const OverheadOptions& options) {
  const Workload workload(options.n, options.seed);
  SampleLog log(options.samples);
  Trial trial({}, log, [](const Progress&) {});
  ReadyMatmul system;
  std::vector<double> inside;
  std::vector<double> between;
  std::vector<double> check;
  std::vector<double> row;
  for (std::size_t repetition = 0; repetition < options.repetitions; ++repetition) {
    Cost cost;
    std::size_t parts = 0;
    for (std::size_t done = 0; done < options.requests;) {
      const std::size_t count = std::min(kStock, options.requests - done);
      spend_on_requests(system, workload, done, count, trial, cost);
      spend_on_parts(system, workload, done, count, log, cost);
      done += count;
      parts += count - 1;
    }
    const auto requests = static_cast<double>(options.requests);
    inside.push_back(static_cast<double>(cost.inside.count()) / requests);
    between.push_back(static_cast<double>((cost.all - cost.inside).count()) / requests);
    check.push_back(static_cast<double>(cost.check.count()) / static_cast<double>(parts));
    row.push_back(static_cast<double>(cost.row.count()) / static_cast<double>(parts));
  }
  if (const TrialResult result = trial.result(); result.wrong + result.errors > 0) {
    throw std::runtime_error("a ready product did not pass the check");
  }
  return {.n = options.n,
          .repetitions = options.repetitions,
          .requests = options.requests,
          .inside = spread_of(std::move(inside)),
          .between = spread_of(std::move(between)),
          .check = spread_of(std::move(check)),
          .row = spread_of(std::move(row))};
}

}  // namespace enxame::load
