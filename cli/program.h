#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "cli/flags.h"

namespace enxame::cli {

/// The outer frame of main(): reads the command line into `flags`, then runs `body` and returns its
/// result. `--help` goes to stdout and returns 0, and so does `--version`: the program's name and
/// the version of the project, which the file VERSION holds. A UsageError, from parsing or from
/// `body`, becomes one line on stderr and 2; any other std::exception one line and 1.
int run_program(Flags& flags, int argc, const char* const* argv, const std::function<int()>& body);

/// Prints the line "listening on HOST:PORT" on stdout and flushes it: the program is ready. IPv6
/// addresses get brackets; localhost is printed as 127.0.0.1.
void announce_listening(std::string_view host, std::uint16_t port);

/// Prints the line "metrics on HOST:PORT" in the same way; comes before the other line.
void announce_metrics(std::string_view host, std::uint16_t port);

}  // namespace enxame::cli
