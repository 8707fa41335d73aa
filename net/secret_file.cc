#include "net/secret_file.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace enxame::net {

void refuse_open_file(const std::string& file, std::string_view what) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    throw std::runtime_error("cannot read " + std::string(what) + " in " + file + ": " +
                             std::generic_category().message(errno));
  }
  if ((status.st_mode & S_IRWXO) == 0) return;
  std::array<char, 8> mode;
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777));
  throw std::runtime_error(std::string(what) + " in " + file + ": open to everybody by mode " +
                           mode.data() + ", expected 0600 or 0640 (chmod o= " + file + ")");
}

}  // namespace enxame::net
