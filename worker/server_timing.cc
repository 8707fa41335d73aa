#include "worker/server_timing.h"

#include <chrono>
#include <stdexcept>

#include "matmul/timing/phases.h"
#include "worker/numbers.h"

namespace enxame::worker {
namespace {

bool is_reading_of_a_clock(std::string_view name) {
  return name == "accepted" || name == "asked" || name == "finished";
}

}  // namespace

std::string server_timing_in_words(std::string_view header) try {
  std::string words;
  for (const auto& [name, duration] : parse_server_timing(header)) {
    if (is_reading_of_a_clock(name)) continue;
    const double ms = std::chrono::duration<double, std::milli>(duration).count();
    words += (words.empty() ? "" : ", ") + name + " " + milliseconds_in_words(ms);
  }
  return words;
} catch (const std::invalid_argument&) {
  return "unreadable";
}

}  // namespace enxame::worker
