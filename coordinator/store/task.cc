#include "coordinator/store/task.h"

#include <array>
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
      return "failed";
    case TaskState::cancelled:
      break;
  }
  return "cancelled";
}

std::string_view to_string(TaskEvent event) {
  constexpr std::array<std::string_view, kTaskEvents> kNames{
      "claimed",     "named",  "completed", "failed",  "nacked",        "abandoned", "expired",
      "undelivered", "unsent", "withdrawn", "revoked", "accepted-late", "cancelled", "retried"};
  return kNames[static_cast<std::size_t>(event)];
}

Holder Holder::named(std::string worker) {
  if (worker.empty()) throw std::invalid_argument("the holder's name is empty, expected a name");
  return Holder(Named{std::move(worker)});
}

Holder Holder::answering(std::string worker, std::uint64_t lease) {
  if (lease != 0) return Holder(Lease{lease, std::move(worker)});
  return worker.empty() ? unnamed() : named(std::move(worker));
}

std::string_view Holder::worker() const {
  if (const auto* named = std::get_if<Named>(&who_)) return named->worker;
  const auto* lease = std::get_if<Lease>(&who_);
  return lease == nullptr ? std::string_view() : lease->worker;
}

bool Holder::may_be(std::string_view name) const {
  return name.empty() || worker().empty() || worker() == name;
}

std::uint64_t Holder::lease() const {
  const auto* lease = std::get_if<Lease>(&who_);
  return lease == nullptr ? 0 : lease->generation;
}

}  // namespace enxame::coordinator
