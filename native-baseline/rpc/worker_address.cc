#include "native-baseline/rpc/worker_address.h"

#include <charconv>
#include <optional>
#include <stdexcept>

namespace enxame::rpc {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string to_string(const WorkerAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

WorkerAddress parse_worker_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool plain = host.find_first_of(bracketed ? "[] \t" : "[]: \t") == std::string_view::npos;
    const auto port = parse_port(text.substr(colon + 1));
    if (!host.empty() && plain && port) return {std::string(host), *port};
  }
  throw std::invalid_argument("\"" + std::string(text) +
                              "\" is not HOST:PORT, such as 127.0.0.1:7001");
}

}  // namespace enxame::rpc
