#include "worker/worker_progress.h"

#include <utility>

namespace enxame::worker {

void WorkerProgress::enter(WorkerState state, std::string message) {
  status_.state = state;
  status_.message = std::move(message);
  host_.changed();
}

void WorkerProgress::note_contact(Duration at) {
  status_.contact = at;
  if (status_.absence && !status_.absence->ended) status_.absence->ended = at;
}

/// Failures in a row are one absence, from the first of them on.
void WorkerProgress::note_absence() {
  if (backoff_.failures() > 0 && status_.absence) {
    status_.absence->ended.reset();
  } else {
    status_.absence = Absence{.began = host_.now(), .ended = {}};
  }
}

void WorkerProgress::note_error(std::string error) {
  ++status_.errors;
  status_.last_error = std::move(error);
}

void WorkerProgress::note_refusal(std::uint64_t task, const std::string& reason) {
  ++status_.refused;
  note_error("cannot compute " + name_of_task(task) + ": " + reason);
}

void WorkerProgress::wait(std::chrono::milliseconds pause, std::function<void()> next,
                          std::string message) {
  enter(WorkerState::waiting, std::move(message));
  host_.after(pause, std::move(next));
}

void WorkerProgress::try_again(std::function<void()> next, const std::string& error) {
  note_error(error);
  note_absence();
  const std::chrono::milliseconds pause = backoff_.next();
  wait(pause, std::move(next),
       error + "; trying again in " + to_words(pause) + " (failure " +
           std::to_string(backoff_.failures()) + " in a row)");
}

std::string name_of_task(std::uint64_t task) { return "task " + std::to_string(task); }

}  // namespace enxame::worker
