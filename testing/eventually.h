#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace enxame {

/// Spins until `condition` holds, for what cannot signal: another thread having begun to wait, a
/// connection's thread having ended. A fatal failure after `patience`.
template <typename Condition>
void eventually(Condition condition,
                std::chrono::milliseconds patience = std::chrono::seconds(30)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it never happened";
    std::this_thread::yield();
  }
}

}  // namespace enxame
