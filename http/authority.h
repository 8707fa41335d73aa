#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace enxame::http {

/// A host and its port, as Host and URLs have them: "example.org:8080", "127.0.0.1", "[::1]:80".
struct Authority {
  std::string_view host;  ///< as it was written, an IPv6 address with its brackets
  std::optional<std::uint16_t> port{};
};

/// Reads `host [":" port]` of RFC 3986, section 3.2, into views of `text`. Nothing for anything
/// else: an empty host, user information, a port beyond 65,535.
std::optional<Authority> parse_authority(std::string_view text);

/// Whether two hosts are the same: names in any case and with or without the root's dot, IPv6
/// addresses however they are written.
bool same_host(std::string_view a, std::string_view b);

/// A host as sockets want it: an IPv6 address without its brackets.
std::string without_brackets(std::string_view host);

/// Whether `host` is an IPv4 address in four parts, or an IPv6 address in brackets.
bool is_address(std::string_view host);

/// Whether `host` always is this machine: localhost, names under it (RFC 6761, section 6.3),
/// 127.0.0.0/8 and [::1].
bool is_loopback(std::string_view host);

}  // namespace enxame::http
