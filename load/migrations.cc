#include "load/migrations.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace enxame::load {
namespace {

/// Of the thread with that folder; nullopt also when it has just ended.
std::optional<std::uint64_t> migrations_in(const std::filesystem::path& thread) {
  std::ifstream file(thread / "sched");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("se.nr_migrations")) continue;
    return std::stoull(line.substr(line.find(':') + 1));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> own_migrations() {
  std::optional<std::uint64_t> sum;
  std::error_code ignored;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    if (const auto count = migrations_in(thread.path())) sum = sum.value_or(0) + *count;
  }
  return sum;
}

}  // namespace enxame::load
