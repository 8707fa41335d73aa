#include "load/request.h"

#include <exception>

namespace enxame::load {
namespace {

/// Also a product of another shape is a wrong product, not a failed request.
void judge(const Problem& problem, const Product& product, Sample& sample) {
  try {
    const auto mismatch = problem.checker.check(product.matrix);
    if (!mismatch) return;
    sample.error = to_string(*mismatch);
  } catch (const ShapeError& error) {
    sample.error = error.what();
  }
  sample.outcome = Outcome::wrong;
}

}  // namespace

Sample make_request(Matmul& system, const Problem& problem, std::size_t client) {
  Sample sample{.client = client};
  sample.start = Clock::now();
  try {
    Product product = system.multiply(problem.a, problem.b);
    sample.response = Clock::now() - sample.start;
    sample.phases = product.phases;
    sample.worker = std::move(product.worker);
    judge(problem, product, sample);
  } catch (const std::exception& error) {
    sample.response = Clock::now() - sample.start;
    sample.outcome = Outcome::error;
    sample.error = error.what();
  }
  return sample;
}

Sample make_request(Matmul& system, const Problem& problem, std::size_t client,
                    const Arrival& arrival) {
  Sample sample = make_request(system, problem, client);
  sample.backlog = sample.start - arrival.due;
  sample.lateness = arrival.lateness;
  sample.response += sample.backlog;
  sample.start = arrival.due;
  return sample;
}

}  // namespace enxame::load
