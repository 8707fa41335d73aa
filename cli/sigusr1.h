#pragma once

#include <atomic>

namespace enxame::cli {

/// From now on SIGUSR1 does not end this process but sets the flag that is returned, once and for
/// all: with it tests inject a fault into a program that runs. Throws std::system_error.
const std::atomic<bool>& watch_sigusr1();

}  // namespace enxame::cli
