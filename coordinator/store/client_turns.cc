#include "coordinator/store/client_turns.h"

#include <utility>

#include "coordinator/store/make_room.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

void ClientTurns::check(std::size_t more) const {
  if (waiting_ + more <= options_.max_queued) return;
  throw QueueFull("the queue is full: at most " + std::to_string(options_.max_queued) +
                  " tasks and tiles may wait for a worker");
}

ClientTurns::Lines ClientTurns::line_for(const std::string& client) {
  Lines lines;
  ClientLine& line = lines[client];
  line.place.push_back(&line);
  line.self = line.place.begin();
  return lines;
}

void ClientTurns::make_room() { coordinator::make_room(lines_, 1); }

ClientLine& ClientTurns::join(Lines line) noexcept {
  const auto own = lines_.insert(line.extract(line.begin())).position;
  own->second.client = &own->first;
  ++own->second.tasks;
  return own->second;
}

void ClientTurns::leave(const ClientLine& line) noexcept {
  const auto own = lines_.find(*line.client);
  if (--own->second.tasks == 0) lines_.erase(own);
}

void ClientTurns::enter(LedgerTask& task) noexcept {
  ClientLine& line = *task.line;
  if (line.queue.empty()) turns_.splice(turns_.end(), line.place, line.self);
  line.queue.insert(std::move(task.queue_node));
  ++waiting_;
}

void ClientTurns::remove(LedgerTask& task) noexcept {
  ClientLine& line = *task.line;
  task.queue_node = line.queue.extract(task.record.id);
  if (line.queue.empty()) line.place.splice(line.place.begin(), turns_, line.self);
  --waiting_;
}

LedgerTask& ClientTurns::next() noexcept {
  ClientLine& line = *turns_.front();
  turns_.splice(turns_.end(), turns_, line.self);  // the others come first now
  return *line.queue.begin()->second;
}

}  // namespace enxame::coordinator
