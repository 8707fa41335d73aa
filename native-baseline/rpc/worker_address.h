#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace enxame::rpc {

/// Where a worker listens.
struct WorkerAddress {
  std::string host;    ///< a name or an address, IPv6 without brackets
  std::uint16_t port;  ///< 1 or more

  friend bool operator==(const WorkerAddress&, const WorkerAddress&) = default;
};

/// "127.0.0.1:7001", "[::1]:7001".
std::string to_string(const WorkerAddress& address);

/// Reads what to_string writes. Throws std::invalid_argument, quoting the text, for anything else.
WorkerAddress parse_worker_address(std::string_view text);

}  // namespace enxame::rpc
