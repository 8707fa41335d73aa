#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

#include "matmul/phases.h"

namespace enxame::load {

/// Where in a trial a request ended.
enum class Stage {
  warm_up,   ///< before the measured window
  measured,  ///< inside it
  tail,      ///< after it: it was in flight when the window closed
};

enum class Outcome { ok, wrong, error };

/// One request, as the client that made it saw it.
struct Sample {
  Stage stage = Stage::warm_up;
  std::size_t client = 0;
  std::chrono::steady_clock::time_point start{};
  Duration response{};  ///< from the submit to the product in the client's hands
  Phases phases{};
  std::string worker{};
  Outcome outcome = Outcome::ok;
  std::string error{};  ///< empty when the outcome is ok

  /// What the phases do not account for; negative where two of them overlap.
  Duration closure() const { return response - phases.total(); }
};

/// The raw samples of a trial as CSV, one row each, written as they come so that memory stays flat.
/// Not thread-safe.
class SampleLog {
 public:
  /// Creates the file and writes the header row. Throws std::runtime_error naming the path when it
  /// cannot.
  explicit SampleLog(std::string path);

  /// Appends a row; times are relative to `origin`. Throws std::runtime_error naming the path when
  /// it cannot.
  void append(const Sample& sample, std::chrono::steady_clock::time_point origin);

  /// Hands what was appended to the operating system. Throws like append().
  void flush();

  std::uint64_t rows() const { return rows_; }

 private:
  void require_good() const;

  std::string path_;
  std::ofstream file_;
  std::uint64_t rows_ = 0;
};

}  // namespace enxame::load
