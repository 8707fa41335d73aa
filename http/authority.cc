#include "http/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "http/fields.h"

namespace enxame::http {

namespace {

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// RFC 3986's reg-name, of which an IPv4 address is one.
bool is_registered_name(std::string_view text) {
  constexpr std::string_view kPunctuation = "-._~!$&'()*+,;=";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_alphanumeric || kPunctuation.find(c) != std::string_view::npos) continue;
    if (c != '%' || i + 2 >= text.size() || !is_hex_digit(text[i + 1]) ||
        !is_hex_digit(text[i + 2]))
      return false;
    i += 2;
  }
  return !text.empty();
}

std::optional<in_addr> ipv4(std::string_view host) {
  in_addr address{};
  if (host.size() >= INET_ADDRSTRLEN ||
      inet_pton(AF_INET, std::string(host).c_str(), &address) != 1)
    return std::nullopt;
  return address;
}

std::optional<in6_addr> ipv6(std::string_view host) {
  in6_addr address{};
  if (host.size() < 4 || host.size() >= INET6_ADDRSTRLEN + 2 || host.front() != '[' ||
      host.back() != ']' ||
      inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) != 1)
    return std::nullopt;
  return address;
}

std::string_view without_root(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  const bool is_literal = text.starts_with('[');
  const std::size_t bracket = is_literal ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::size_t colon = std::min(text.find(':', bracket), text.size());
  Authority authority{.host = text.substr(0, colon)};
  if (is_literal ? !ipv6(authority.host) : !is_registered_name(authority.host)) return std::nullopt;
  const std::string_view digits = text.substr(std::min(colon + 1, text.size()));
  // A port may be left out behind its colon.
  if (digits.empty()) return authority;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  authority.port = port;
  return authority;
}

bool same_host(std::string_view a, std::string_view b) {
  if (const auto one = ipv6(a)) {
    const auto other = ipv6(b);
    return other && std::memcmp(&*one, &*other, sizeof *one) == 0;
  }
  return equal_ignoring_case(without_root(a), without_root(b));
}

std::string without_brackets(std::string_view host) {
  const bool has_brackets = host.starts_with('[') && host.ends_with(']');
  return std::string(has_brackets ? host.substr(1, host.size() - 2) : host);
}

bool is_address(std::string_view host) { return ipv4(host) || ipv6(host); }

bool is_loopback(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  constexpr std::string_view kUnder = ".localhost";
  const std::string_view name = without_root(host);
  if (equal_ignoring_case(name, kName)) return true;
  if (name.size() > kUnder.size() &&
      equal_ignoring_case(name.substr(name.size() - kUnder.size()), kUnder))
    return true;
  if (const auto address = ipv4(host)) return ntohl(address->s_addr) >> 24 == 127;
  const auto address = ipv6(host);
  return address && std::memcmp(&*address, &in6addr_loopback, sizeof *address) == 0;
}

}  // namespace enxame::http
