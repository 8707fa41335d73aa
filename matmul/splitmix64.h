#pragma once

#include <cstdint>

namespace enxame {

/// The SplitMix64 generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
/// OOPSLA 2014): 64 random bits at a time, the same sequence for the same seed on every platform,
/// which the standard's distributions do not promise.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace enxame
