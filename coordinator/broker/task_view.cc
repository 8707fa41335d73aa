#include "coordinator/broker/task_view.h"

#include <utility>

#include "coordinator/broker/clock.h"
#include "coordinator/store/rules.h"

namespace enxame::coordinator {

Phases phases_of(const TaskRecord& task) {
  Phases phases;
  phases.queue = task.claimed_at - task.accepted_at + task.away.waited;
  phases.dispatch = task.away.dispatch;
  phases.worker = task.away.worker;
  phases.return_trip = task.away.return_trip;
  phases.clock_error = task.away.clock_error;
  return phases;
}

TaskView view_of(TaskRecord task, std::shared_ptr<const Result> product) {
  TaskView view;
  view.id = task.id;
  view.state = task.state();
  view.result = std::move(product);
  view.error = task.withdrawn ? error_words(task) : std::move(task.error);
  if (view.state != TaskState::completed) return view;
  view.worker = std::move(task.worker);
  view.phases = phases_of(task);
  view.accepted_at = Clock::to_time_point(task.accepted_at);
  view.finished_at = Clock::to_time_point(task.finished_at);
  return view;
}

}  // namespace enxame::coordinator
