#include "load/memory.h"

#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace enxame::load {

// The second number of statm is the resident set in pages: proc(5).
std::size_t resident_bytes() {
  std::size_t total_pages = 0;
  std::size_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  if (resident_pages == 0) throw std::runtime_error("cannot read /proc/self/statm");
  return resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace enxame::load
