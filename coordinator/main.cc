// coordinator: hands multiplications to workers over REST and WebSocket and serves the browser
// side.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>

#include "cli/flags.h"
#include "cli/program.h"
#include "cli/shutdown.h"
#include "coordinator/coordinator.h"
#include "http/flags/server_flags.h"
#include "net/memory.h"
#include "net/system.h"

namespace enxame::coordinator {
namespace {

// How long requests that do not wait for anything may take to end once the program has been told
// to.
constexpr std::chrono::milliseconds kDrainPatience{10'000};

// The store takes no task that it might have no numbers for.
constexpr TaskId kLastFirstId = kEndOfTaskIds - Split::kMaxTiles - 1;

// Less has no room for the smallest task, and for its product.
constexpr std::size_t kLeastBody = 256;
constexpr std::size_t kLeastStored = 2'000;

/// What the store takes by default, which leaves room for bodies and answers on their way.
std::size_t default_stored_bytes() {
  return std::min(StoreOptions{}.max_stored_bytes, net::memory_allowed_bytes() / 4);
}

CoordinatorOptions default_settings() {
  return {.store = {.max_stored_bytes = default_stored_bytes(), .first_id = 0},
          .broker = {.verify = Verify::all}};
}

void declare(cli::Flags& flags, CoordinatorOptions& settings) {
  flags.text("site", settings.site, "DIR", "the folder of the browser side, served at /");
  flags.choice("connections", settings.http.connections,
               std::array{http::Connections::kept, http::Connections::per_request},
               "per-request: every answer closes its connection");
  flags.duration("longest-wait", settings.longest_wait,
                 "who asks for a longer wait is answered after this: less than the time-out of a "
                 "proxy",
                 std::chrono::milliseconds(1));
  flags.duration("lease", settings.store.lease,
                 "how long a worker may hold a task without a sign of life",
                 std::chrono::milliseconds(1));
  flags.duration("hold", settings.store.hold,
                 "how long one that gives none, as the original's, may hold a task",
                 std::chrono::milliseconds(1));
  flags.integer<TaskId>("first-id", settings.store.first_id, 0, kLastFirstId,
                        "the number of the first task; 0: from the clock, so that no number comes "
                        "again after a restart");
  flags.integer("attempts", settings.store.limits.attempts, 1, 1'000,
                "how often a task is handed out before it is failed");
  flags.integer<std::size_t>("max-queued", settings.store.max_queued, 1, 100'000'000,
                             "how many tasks may wait for a worker");
  flags.bytes("max-stored", settings.store.max_stored_bytes,
              "what tasks may take; the oldest finished ones are forgotten beyond it",
              kLeastStored);
  flags.choice("verify", settings.broker.verify,
               std::array{Verify::off, Verify::sample, Verify::all},
               "which products are verified; a worker whose product is wrong gets no more tasks");
  flags.text("journal", settings.journal.folder, "DIR",
             "keep tasks and products there, so that they outlive this process");
  flags.choice(
      "journal-sync", settings.journal.sync, kJournalSyncs,
      "what is still there after a power cut: all that was answered (full), or all but the "
      "last (normal)");
  flags.example("coordinator --port 8080 --site build/wasm/site");
}

/// A number, of a task or a lease, beyond those of every coordinator that was started here before,
/// unless it gave more than one in a microsecond on average: microseconds since 1970, which stay
/// below kEndOfTaskIds until 2255.
std::uint64_t number_by_clock() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count());
}

void check(const CoordinatorOptions& settings) {
  if (settings.longest_wait <= kMaxWait) return;
  throw cli::UsageError("--longest-wait is " + cli::format_duration(settings.longest_wait) +
                        ", expected at most " + cli::format_duration(kMaxWait));
}

int run(CoordinatorOptions settings) {
  net::keep_freed_memory();
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is met as a full disk is
  const cli::Shutdown shutdown;
  if (settings.store.first_id == 0) settings.store.first_id = number_by_clock();
  settings.store.first_lease = number_by_clock();
  const std::string host = settings.http.listen;
  const std::string journal = settings.journal.folder;
  Coordinator coordinator(std::move(settings));
  if (!journal.empty()) {
    std::cerr << "coordinator: " << coordinator.restored() << " tasks restored from " << journal
              << "\n";
  }
  cli::announce_listening(host, coordinator.listen());

  shutdown.wait();
  coordinator.close();
  coordinator.drain(kDrainPatience);
  return 0;
}

}  // namespace
}  // namespace enxame::coordinator

int main(int argc, char** argv) {
  enxame::coordinator::CoordinatorOptions settings = enxame::coordinator::default_settings();
  enxame::cli::Flags flags(
      "coordinator",
      "Hands multiplications to workers over REST and WebSocket and serves the browser side.");
  enxame::http::ServerFlags server(flags, settings.http,
                                   enxame::http::ServerFlags::Parties::clients_and_workers,
                                   enxame::coordinator::kLeastBody);
  enxame::coordinator::declare(flags, settings);
  return enxame::cli::run_program(flags, argc, argv, [&] {
    server.check();
    enxame::coordinator::check(settings);
    server.read_tokens();
    return enxame::coordinator::run(settings);
  });
}
