#pragma once

#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>

#include "load/sample.h"

namespace enxame::load {

/// The raw samples of a trial as CSV (sample_row.h), one row each, written as they come so that
/// memory stays flat. Thread-safe: rows are made by each caller for itself, callers wait for each
/// other only while one is copied, and for the file only when two buffers are full.
class SampleLog {
 public:
  /// Creates the file and writes the header row. Throws std::runtime_error naming the path when it
  /// cannot.
  explicit SampleLog(std::string path);

  /// Writes what is left, as far as it can; whoever wants to know calls flush() first.
  ~SampleLog();
  SampleLog(const SampleLog&) = delete;
  SampleLog& operator=(const SampleLog&) = delete;

  /// Appends a row; times are relative to `origin`. Throws std::runtime_error naming the path when
  /// it cannot.
  void append(const Sample& sample, Clock::time_point origin);

  /// Hands what was appended to the operating system. Throws like append().
  void flush();

  const std::string& path() const { return path_; }

 private:
  using Lock = std::unique_lock<std::mutex>;

  void write_out(Lock& filling);

  const std::string path_;
  std::mutex filling_mutex_;
  std::string filling_;
  std::uint64_t rows_ = 0;
  std::mutex writing_mutex_;  // taken while filling_mutex_ is held, which keeps the rows in order
  std::string writing_;
  std::ofstream file_;
};

}  // namespace enxame::load
