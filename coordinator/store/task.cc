#include "coordinator/store/task.h"

#include <stdexcept>

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

Holder Holder::named(std::string worker) {
  if (worker.empty()) throw std::invalid_argument("the holder's name is empty, expected a name");
  return Holder(Named{std::move(worker)});
}

Holder Holder::answering(std::string worker) {
  return worker.empty() ? unnamed() : named(std::move(worker));
}

std::string_view Holder::worker() const {
  const auto* named = std::get_if<Named>(&who_);
  return named == nullptr ? std::string_view() : named->worker;
}

std::uint64_t Holder::lease() const {
  const auto* lease = std::get_if<Lease>(&who_);
  return lease == nullptr ? 0 : lease->generation;
}

}  // namespace enxame::coordinator
