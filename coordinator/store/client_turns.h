#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "coordinator/store/ledger_task.h"
#include "coordinator/store/store_options.h"

namespace enxame::coordinator {

/// The tasks of a client that wait for a worker.
struct ClientLine {
  LedgerTask::Queue queue;  // in the order of submission
  std::size_t tasks = 0;    // of the client that are known, without tiles
  const std::string* client = nullptr;
  std::list<ClientLine*> place;           // its node, while nobody waits in it
  std::list<ClientLine*>::iterator self;  // its node, wherever that is
};

/// Whose task is handed out next: clients with waiting tasks take turns, and each one's tasks go
/// in the order of submission. Only line_for() and make_room() take memory.
class ClientTurns {
 public:
  using Lines = std::unordered_map<std::string, ClientLine>;

  /// `options` outlives this.
  explicit ClientTurns(const StoreOptions& options) : options_(options) {}

  /// Throws QueueFull where so many more may not wait.
  void check(std::size_t more) const;

  /// A line for a client that may have one already. Throws std::bad_alloc.
  static Lines line_for(const std::string& client);
  /// For one more line. Throws std::bad_alloc.
  void make_room();

  /// The line of that client, which has one more task now: `line`, unless it had one.
  ClientLine& join(Lines line) noexcept;
  /// A task of the client is forgotten; with the last one the line goes.
  void leave(const ClientLine& line) noexcept;

  /// A task or a tile begins to wait in its line, or waits no more.
  void enter(LedgerTask& task) noexcept;
  void remove(LedgerTask& task) noexcept;

  /// The task that is next, of those that wait; the turn goes on to the next client.
  LedgerTask& next() noexcept;

  /// How many tasks and tiles wait.
  std::size_t waiting() const noexcept { return waiting_; }

 private:
  const StoreOptions& options_;
  Lines lines_;                   // by client
  std::list<ClientLine*> turns_;  // those in which somebody waits, next first
  std::size_t waiting_ = 0;       // in all of them
};

}  // namespace enxame::coordinator
