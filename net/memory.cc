#include "net/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace enxame::net {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// The whole number that a file starts with; kNoLimit for "max", and where there is no such file.
std::size_t limit_in(const fs::path& file) {
  std::ifstream in(file);
  std::size_t bytes = 0;
  return in >> bytes ? bytes : kNoLimit;
}

/// A place where control groups that bound memory are mounted (proc_pid_mountinfo(5)).
struct Mount {
  fs::path group;  ///< the group that is mounted: "/", or a container's own
  fs::path folder;
  bool is_v2;
};

bool names_memory(const std::string& options) {
  return ("," + options + ",").find(",memory,") != std::string::npos;
}

std::optional<Mount> parse_mount(const std::string& line) {
  // 36 35 0:31 /docker/1f /sys/fs/cgroup/memory rw,nosuid … - cgroup cgroup rw,memory
  const std::size_t dash = line.find(" - ");
  if (dash == std::string::npos) return std::nullopt;
  std::istringstream before(line.substr(0, dash));
  std::istringstream after(line.substr(dash + 3));
  std::string skipped;
  std::string group;
  std::string folder;
  std::string type;
  std::string options;
  before >> skipped >> skipped >> skipped >> group >> folder;
  after >> type >> skipped >> options;
  if (type == "cgroup2") return Mount{group, folder, true};
  if (type == "cgroup" && names_memory(options)) return Mount{group, folder, false};
  return std::nullopt;
}

/// The group of this process in the hierarchy that bounds memory (cgroups(7)), "/" when it is not
/// said.
fs::path group_of_process(const fs::path& root, bool is_v2) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    // v1: "4:memory:/docker/1f", v2: "0::/user.slice"
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (is_v2 ? controllers.empty() : names_memory(controllers)) return line.substr(second + 1);
  }
  return "/";
}

std::size_t limit_of_group(const fs::path& folder, bool is_v2) {
  if (!is_v2) return limit_in(folder / "memory.limit_in_bytes");
  // Beyond "high" the kernel slows a process down until it hardly moves.
  return std::min(limit_in(folder / "memory.max"), limit_in(folder / "memory.high"));
}

/// The least limit from the process's group up to the one that is mounted.
std::size_t limit_under(const fs::path& root, const Mount& mount) {
  const fs::path top = root / mount.folder.relative_path();
  const fs::path below = group_of_process(root, mount.is_v2).lexically_relative(mount.group);
  std::size_t least = limit_of_group(top, mount.is_v2);
  fs::path folder = top;
  for (const fs::path& part : below) {
    // A group outside of what is mounted here is not to be seen; its container's limit is the
    // top's.
    if (part == "..") break;
    folder /= part;
    least = std::min(least, limit_of_group(folder, mount.is_v2));
  }
  return least;
}

std::size_t cgroup_limit(const fs::path& root) {
  std::size_t least = kNoLimit;
  std::ifstream in(root / "proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    if (const auto mount = parse_mount(line)) least = std::min(least, limit_under(root, *mount));
  }
  return least;
}

std::size_t machine_bytes(const fs::path& root) {
  std::ifstream in(root / "proc/meminfo");
  std::string name;
  std::size_t kibibytes = 0;
  if (in >> name >> kibibytes && name == "MemTotal:") return kibibytes * 1024;
  return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t address_space_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoLimit;
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace

std::size_t memory_allowed_bytes(const fs::path& root) {
  return std::min({machine_bytes(root), cgroup_limit(root), address_space_limit()});
}

}  // namespace enxame::net
