#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "net/deadline.h"

namespace enxame::http {

/// Writes a line of a log. Called by one thread at a time.
using LogLine = std::function<void(std::string_view)>;

/// To stderr.
void write_to_stderr(std::string_view line);

/// Says in one line what was refused, to whom and why. Of a flood, the first refusal of each status
/// is told at once and the others are counted: one line says how many there were, at most once in
/// kWindow. Thread-safe.
class RefusalLog {
 public:
  static constexpr std::chrono::seconds kWindow{10};

  explicit RefusalLog(LogLine write) : write_(std::move(write)) {}

  void tell(int status, std::string_view reason, std::string_view peer,
            net::TimePoint now = std::chrono::steady_clock::now()) noexcept;

  /// Says what was counted in windows that are over; of all of them when `everything`.
  void flush(bool everything = false,
             net::TimePoint now = std::chrono::steady_clock::now()) noexcept;

 private:
  struct Window {
    net::TimePoint began;
    std::size_t counted = 0;
    std::string last;
  };

  void say_counted(int status, Window& window, net::TimePoint now);

  LogLine write_;
  std::mutex mutex_;
  std::map<int, Window> windows_;  // by status
};

}  // namespace enxame::http
