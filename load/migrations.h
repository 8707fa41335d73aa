#pragma once

#include <cstdint>
#include <optional>

namespace enxame::load {

/// How often the threads that this process has now were moved to another core since they began, as
/// the kernel's scheduler counts it; nullopt where it does not tell (/proc/PID/sched needs a kernel
/// with CONFIG_SCHED_DEBUG).
std::optional<std::uint64_t> own_migrations();

}  // namespace enxame::load
