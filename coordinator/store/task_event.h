#pragma once

#include <cstddef>
#include <string_view>

namespace enxame::coordinator {

/// What happens to a task, or to a tile.
enum class TaskEvent {
  claimed,        ///< a worker was given it
  named,          ///< the worker that holds it without having given a name gives one
  completed,      ///< its product came
  failed,         ///< its worker says that nobody can compute it
  nacked,         ///< its worker has no product, or returned something that is none
  abandoned,      ///< its worker is gone
  expired,        ///< its worker's lease ran out
  undelivered,    ///< it never reached its worker
  unsent,         ///< it could not be sent for want of memory here
  withdrawn,      ///< its task was cancelled, or another tile of it failed
  revoked,        ///< the product of an earlier claim came while another worker held it
  accepted_late,  ///< the product of an earlier claim came while nobody held it
  cancelled,      ///< nobody wants it any more
  retried,        ///< it had failed, and somebody wants it tried again
};

inline constexpr std::size_t kTaskEvents = 14;

/// "claimed", "named", …, "accepted-late", …
std::string_view to_string(TaskEvent event);

}  // namespace enxame::coordinator
