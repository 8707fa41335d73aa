#include "coordinator/store/task.h"

namespace enxame::coordinator {

std::string_view to_string(TaskState state) {
  switch (state) {
    case TaskState::pending:
      return "pending";
    case TaskState::processing:
      return "processing";
    case TaskState::completed:
      return "completed";
    case TaskState::failed:
      break;
  }
  return "failed";
}

std::string_view to_string(WorkerState state) {
  switch (state) {
    case WorkerState::asking:
      return "asking";
    case WorkerState::working:
      return "working";
    case WorkerState::silent:
      break;
  }
  return "silent";
}

}  // namespace enxame::coordinator
