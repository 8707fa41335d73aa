#include "net/listening.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <arpa/inet.h>

#include <array>
#include <cerrno>
#include <optional>
#include <stdexcept>

namespace enxame::net {

namespace {

constexpr int kBacklog = 1024;

/// How often another port is tried when the one that the system chose for the first address is
/// taken at another one.
constexpr int kMostPorts = 16;

std::string_view without_brackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  return host;
}

std::runtime_error cannot_listen(const std::string& host, std::uint16_t port,
                                 const Poco::Exception& error) {
  return std::runtime_error("cannot listen on " + host + ":" + std::to_string(port) + ": " +
                            error.displayText());
}

/// Throws Poco::Exception.
Poco::Net::ServerSocket bound(const std::string& host, std::uint16_t port) {
  Poco::Net::ServerSocket listener;
  // Poco shares a port between processes unless told not to.
  listener.bind(Poco::Net::SocketAddress(std::string(without_brackets(host)), port), true, false);
  listener.listen(kBacklog);
  return listener;
}

/// Whether this machine lacks the address, or its whole family.
bool is_missing(const Poco::Exception& error) {
  return error.code() == EADDRNOTAVAIL || error.code() == EAFNOSUPPORT;
}

/// A socket on each of `addresses` but the first, on the port of `first`; nothing where that is
/// taken and `may_try_another`.
std::optional<std::vector<Poco::Net::ServerSocket>> with_others(
    const Poco::Net::ServerSocket& first, std::span<const std::string> addresses,
    bool may_try_another) {
  const std::uint16_t port = first.address().port();
  std::vector<Poco::Net::ServerSocket> sockets{first};
  for (const std::string& address : addresses.subspan(1)) {
    try {
      sockets.push_back(bound(address, port));
    } catch (const Poco::Exception& error) {
      if (is_missing(error)) continue;
      if (error.code() == EADDRINUSE && may_try_another) return std::nullopt;
      throw cannot_listen(address, port, error);
    }
  }
  return sockets;
}

}  // namespace

Poco::Net::ServerSocket listen_on(const std::string& host, std::uint16_t port) {
  try {
    return bound(host, port);
  } catch (const Poco::Exception& error) {
    throw cannot_listen(host, port, error);
  }
}

std::vector<Poco::Net::ServerSocket> listen_on_each(std::span<const std::string> addresses,
                                                    std::uint16_t port) {
  // Those that turned out not to do are kept until the end, so that each try has another port.
  std::vector<Poco::Net::ServerSocket> tried;
  for (int ports = 1;; ++ports) {
    tried.push_back(listen_on(addresses.front(), port));
    auto sockets = with_others(tried.back(), addresses, port == 0 && ports < kMostPorts);
    if (sockets) return std::move(*sockets);
  }
}

std::vector<Poco::Net::ServerSocket> listen_at(const std::string& host, std::uint16_t port) {
  if (host != kLocalhost) return {listen_on(host, port)};
  const std::array<std::string, 2> loopback{"127.0.0.1", "::1"};
  return listen_on_each(loopback, port);
}

bool is_for_this_machine(std::string_view host) {
  if (host == kLocalhost) return true;
  const std::string address(without_brackets(host));
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace enxame::net
