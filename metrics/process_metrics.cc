#include "metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "metrics/families.h"

namespace enxame::metrics {

namespace {

/// Some fields of /proc/self/stat: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
struct ProcessState {
  double user_ticks = 0;
  double system_ticks = 0;
  double start_ticks = 0;  // since the machine's start
  double virtual_bytes = 0;
  double resident_pages = 0;
};

ProcessState read_state() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The second field, the program's name in parentheses, may hold anything.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  ProcessState state;
  std::string field;
  for (int number = 3; fields >> field; ++number) {
    if (number == 14) state.user_ticks = std::stod(field);
    if (number == 15) state.system_ticks = std::stod(field);
    if (number == 22) state.start_ticks = std::stod(field);
    if (number == 23) state.virtual_bytes = std::stod(field);
    if (number == 24) state.resident_pages = std::stod(field);
  }
  return state;
}

/// Seconds since the epoch at which the machine started.
double read_boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double count_open_files() {
  double count = 0;
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::numeric_limits<double>::quiet_NaN();
  for (const auto& entry : entries) {
    static_cast<void>(entry);
    ++count;
  }
  return count - 1;  // the one that reads the folder
}

double most_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<double>::quiet_NaN();
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                         : static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  const ProcessState state = read_state();
  const auto per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {
      counter("process_cpu_seconds_total", "Processor time, user and system.",
              (state.user_ticks + state.system_ticks) / per_second),
      gauge("process_resident_memory_bytes", "Memory in use.", state.resident_pages * page_bytes),
      gauge("process_virtual_memory_bytes", "Virtual memory.", state.virtual_bytes),
      gauge("process_open_fds", "Open file descriptors.", count_open_files()),
      gauge("process_max_fds", "Maximum number of open file descriptors.", most_open_files()),
      gauge("process_start_time_seconds", "When the process started, since the epoch.",
            read_boot_time() + state.start_ticks / per_second)};
}

}  // namespace enxame::metrics
