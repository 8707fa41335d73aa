#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

#include "matmul/matmul.h"

namespace enxame::load {

/// A system whose answer is any function of the problem, and which notes how many requests it holds
/// at once.
class ScriptedMatmul : public Matmul {
 public:
  using Script = std::function<Product(const Matrix&, const Matrix&, int request)>;

  explicit ScriptedMatmul(Script script) : script_(std::move(script)) {}

  Product multiply(const Matrix& a, const Matrix& b) override {
    const int now = ++held_;
    for (int seen = most_held_; seen < now && !most_held_.compare_exchange_weak(seen, now);) {
    }
    struct Leave {
      std::atomic<int>& held;
      ~Leave() { --held; }
    } leave{held_};
    return script_(a, b, requests_++);
  }

  int requests() const { return requests_; }
  int held() const { return held_; }
  int most_held() const { return most_held_; }

 private:
  Script script_;
  std::atomic<int> requests_{0};
  std::atomic<int> held_{0};
  std::atomic<int> most_held_{0};
};

inline Matrix textbook_product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.cols());
  for (std::size_t i = 0; i < c.rows(); ++i) {
    for (std::size_t j = 0; j < c.cols(); ++j) {
      for (std::size_t k = 0; k < a.cols(); ++k) c(i, j) += a(i, k) * b(k, j);
    }
  }
  return c;
}

inline Product right_answer(const Matrix& a, const Matrix& b, int) {
  Product product{.matrix = textbook_product(a, b), .phases = {}, .worker = "w1"};
  product.phases.worker.compute = std::chrono::milliseconds(1);
  return product;
}

}  // namespace enxame::load
