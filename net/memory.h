#pragma once

#include <cstddef>
#include <filesystem>

namespace enxame::net {

/// The bytes of memory that this process may use: the least of what the machine has, what its
/// cgroup and those around it allow (v1 or v2), and its limit of address space. What it uses
/// already is part of them.
///
/// `root` is where /proc and /sys are looked for; tests have one of their own.
std::size_t memory_allowed_bytes(const std::filesystem::path& root = "/");

}  // namespace enxame::net
