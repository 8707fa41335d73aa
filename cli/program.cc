#include "cli/program.h"

#include <exception>
#include <iostream>

namespace enxame::cli {

int run_program(Flags& flags, int argc, const char* const* argv, const std::function<int()>& body) {
  try {
    switch (flags.parse(argc, argv)) {
      case Request::run:
        return body();
      case Request::help:
        std::cout << flags.help() << std::flush;
        return 0;
      case Request::version:
        std::cout << flags.program() << " " ENXAME_VERSION << std::endl;
        return 0;
    }
    return 0;
  } catch (const UsageError& error) {
    std::cerr << flags.program() << ": " << error.what() << " (see --help)" << std::endl;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << flags.program() << ": " << error.what() << std::endl;
    return 1;
  }
}

namespace {

void announce(std::string_view what, std::string_view host, std::uint16_t port) {
  // The address that it always stands for: whoever reads the line need not look up a name.
  if (host == "localhost") host = "127.0.0.1";
  const bool ipv6 = host.find(':') != std::string_view::npos;
  std::cout << what << " on " << (ipv6 ? "[" : "") << host << (ipv6 ? "]" : "") << ':' << port
            << std::endl;
}

}  // namespace

void announce_listening(std::string_view host, std::uint16_t port) {
  announce("listening", host, port);
}

void announce_metrics(std::string_view host, std::uint16_t port) {
  announce("metrics", host, port);
}

}  // namespace enxame::cli
