// coordinator: hands multiplications to workers over REST and WebSocket and serves the browser
// side.

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "cli/flags.h"
#include "cli/program.h"
#include "cli/shutdown.h"
#include "coordinator/memory_task_store.h"
#include "coordinator/metrics.h"
#include "coordinator/routes.h"
#include "coordinator/static_site.h"
#include "http/server.h"
#include "http/system.h"

namespace enxame {
namespace {

// How long requests that do not wait for anything may take to end once the program has been told
// to.
constexpr std::chrono::milliseconds kDrainPatience{10'000};

struct Settings {
  http::ServerOptions http;
  StoreOptions store{.first_id = 0};
  std::string site;
};

void declare(cli::Flags& flags, Settings& settings) {
  flags.text("listen", settings.http.listen, "HOST", "the address to listen on");
  flags.integer<std::uint16_t>("port", settings.http.port, 0,
                               std::numeric_limits<std::uint16_t>::max(), "0: any free port");
  flags.text("site", settings.site, "DIR", "the folder of the browser side, served at /");
  flags.bytes("max-body", settings.http.max_body_bytes, "the largest request body");
  flags.integer<std::size_t>("max-connections", settings.http.max_connections, 1, 65'536,
                             "how many connections are served at a time");
  flags.choice("connections", settings.http.connections,
               std::array{http::Connections::kept, http::Connections::per_request},
               "per-request: every answer closes its connection");
  flags.duration("lease", settings.store.lease, "how long a worker may hold a task");
  flags.integer<TaskId>("first-id", settings.store.first_id, 0, kEndOfTaskIds - 1,
                        "the number of the first task; 0: from the clock, so that no number comes "
                        "again after a restart");
  flags.integer("attempts", settings.store.attempts, 1, 1'000,
                "how often a task is handed out before it is failed");
  flags.bytes("max-stored", settings.store.max_stored_bytes,
              "what tasks may take; the oldest finished ones are forgotten beyond it");
  flags.example("coordinator --port 8080 --site build/wasm/site");
}

/// A number beyond those of every coordinator that was started here before, unless it handed out
/// more than one in a microsecond on average: microseconds since 1970, which stay below
/// kEndOfTaskIds until 2255.
TaskId first_id_by_clock() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<TaskId>(
      std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count());
}

int run(Settings settings) {
  if (settings.store.lease <= std::chrono::milliseconds::zero()) {
    throw cli::UsageError("--lease is 0, expected at least 1ms");
  }
  http::keep_freed_memory();
  const cli::Shutdown shutdown;
  std::optional<StaticSite> site;
  if (!settings.site.empty()) site.emplace(settings.site);

  if (settings.store.first_id == 0) settings.store.first_id = first_id_by_clock();
  MemoryTaskStore store(settings.store);
  CoordinatorMetrics metrics(store, Routes::names());
  Routes routes(store, site ? &*site : nullptr, metrics, settings.http.max_body_bytes);
  settings.http.common_headers = common_headers();
  settings.http.observer = &metrics.observer();
  const std::string host = settings.http.listen;
  http::Server server(std::move(settings.http),
                      [&](http::Request& request) { return routes.answer(request); });
  cli::announce_listening(host, server.port());

  shutdown.wait();
  store.close();
  server.drain(kDrainPatience);
  return 0;
}

}  // namespace
}  // namespace enxame

int main(int argc, char** argv) {
  enxame::Settings settings;
  enxame::cli::Flags flags(
      "coordinator",
      "Hands multiplications to workers over REST and WebSocket and serves the browser side.");
  enxame::declare(flags, settings);
  return enxame::cli::run_program(flags, argc, argv, [&] { return enxame::run(settings); });
}
