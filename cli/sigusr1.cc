#include "cli/sigusr1.h"

#include <cerrno>
#include <csignal>
#include <system_error>

namespace enxame::cli {
namespace {

std::atomic<bool> received{false};
static_assert(std::atomic<bool>::is_always_lock_free, "or a signal handler may not set it");

extern "C" void note_sigusr1(int) { received = true; }

}  // namespace

const std::atomic<bool>& watch_sigusr1() {
  struct sigaction action = {};
  action.sa_handler = note_sigusr1;
  action.sa_flags = SA_RESTART;
  if (sigaction(SIGUSR1, &action, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot handle SIGUSR1");
  }
  return received;
}

}  // namespace enxame::cli
