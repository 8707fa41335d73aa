#pragma once

#include <Poco/Net/ServerSocket.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace enxame::net {

/// What stands for all addresses by which only this machine reaches a program: 127.0.0.1 and, where
/// there is IPv6, ::1. Not looked up, so that nobody's resolver decides who can connect.
inline constexpr std::string_view kLocalhost = "localhost";

/// A socket that listens, on `port`, or any free one where that is 0. `host` is a name or an
/// address, IPv6 with brackets or without. Throws std::runtime_error, naming the address and the
/// reason, when it cannot.
Poco::Net::ServerSocket listen_on(const std::string& host, std::uint16_t port);

/// A socket on the same port of each of `addresses` that this machine has, the first of which it
/// must have. Throws as listen_on() does, also where the port is taken at one of them.
std::vector<Poco::Net::ServerSocket> listen_on_each(std::span<const std::string> addresses,
                                                    std::uint16_t port);

/// The sockets of a program that is to listen on `host`: kLocalhost's, or one as of listen_on().
std::vector<Poco::Net::ServerSocket> listen_at(const std::string& host, std::uint16_t port);

/// Whether only this machine reaches what listens on `host`: kLocalhost, 127.0.0.0/8, and ::1 with
/// brackets or without. Other names may be anybody's.
bool is_for_this_machine(std::string_view host);

}  // namespace enxame::net
