// echo-server: the bare transport of the coordinator, for benchmarks in other programs and
// browsers.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "cli/flags.h"
#include "cli/program.h"
#include "cli/shutdown.h"
#include "coordinator/bench/echo_server.h"
#include "net/system.h"

namespace enxame::coordinator {
namespace {

struct Settings {
  http::ServerOptions http;
  std::string site;
};

void declare(cli::Flags& flags, Settings& settings) {
  flags.listen_host("listen", settings.http.listen, "the address to listen on");
  flags.integer<std::uint16_t>("port", settings.http.port, 0,
                               std::numeric_limits<std::uint16_t>::max(), "0: any free port");
  flags.text("site", settings.site, "DIR", "a folder of pages, served at /");
  flags.example("echo-server --port 8081");
}

int run(const Settings& settings) {
  net::keep_freed_memory();
  const cli::Shutdown shutdown;
  std::optional<StaticSite> site;
  if (!settings.site.empty()) site.emplace(settings.site);
  EchoServer server(settings.http, site ? &*site : nullptr);
  cli::announce_listening(settings.http.listen, server.port());
  shutdown.wait();
  server.drain();
  return 0;
}

}  // namespace
}  // namespace enxame::coordinator

int main(int argc, char** argv) {
  enxame::coordinator::Settings settings;
  enxame::cli::Flags flags(
      "echo-server", "Answers POST /echo?bytes=N and messages to /ws-echo?bytes=N with N bytes.");
  enxame::coordinator::declare(flags, settings);
  return enxame::cli::run_program(flags, argc, argv,
                                  [&] { return enxame::coordinator::run(settings); });
}
