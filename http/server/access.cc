#include "http/server/access.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "http/authority.h"
#include "http/fields.h"
#include "http/server/server.h"
#include "http/text.h"

namespace enxame::http {

namespace {

constexpr std::string_view kAny = "*";
constexpr std::size_t kQuotedName = 253;  // bytes of a name in a message: the longest of DNS

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// "http://example.org:8080"
struct OriginParts {
  std::string_view scheme;
  Authority authority;
};

std::optional<OriginParts> parse_origin(std::string_view text) {
  constexpr std::string_view kBehindScheme = "://";
  const std::size_t end = text.find(kBehindScheme);
  if (end == std::string_view::npos || !is_token(text.substr(0, end))) return std::nullopt;
  const auto authority = parse_authority(text.substr(end + kBehindScheme.size()));
  if (!authority) return std::nullopt;
  return OriginParts{text.substr(0, end), *authority};
}

/// The origin of a URL, as far as it can be one.
std::string_view origin_of(std::string_view url) {
  const std::size_t authority = url.find("://");
  if (authority == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", authority + 3));
}

bool is_http(std::string_view scheme) { return equal_ignoring_case(scheme, "http"); }

std::uint16_t port_of(const OriginParts& origin) {
  const std::uint16_t usual =
      is_http(origin.scheme) ? 80 : (equal_ignoring_case(origin.scheme, "https") ? 443 : 0);
  return origin.authority.port.value_or(usual);
}

bool same_origin(const OriginParts& a, const OriginParts& b) {
  return equal_ignoring_case(a.scheme, b.scheme) && same_host(a.authority.host, b.authority.host) &&
         port_of(a) == port_of(b);
}

/// An address as a URL has it: "::1" as "[::1]".
std::string as_host(std::string_view address) {
  const bool is_bare_ipv6 =
      address.find(':') != std::string_view::npos && !address.starts_with('[');
  return is_bare_ipv6 ? "[" + std::string(address) + "]" : std::string(address);
}

}  // namespace

std::string parse_allowed_host(std::string_view text) {
  const std::string host = as_host(text);
  const auto authority = parse_authority(host);
  if (text == kAny || (authority && authority->host == host)) return host;
  throw std::invalid_argument("\"" + std::string(text) +
                              "\" is not a host such as example.org, without a port, or *");
}

std::string parse_allowed_origin(std::string_view text) {
  if (text == kAny || parse_origin(text)) return std::string(text);
  throw std::invalid_argument("\"" + std::string(text) +
                              "\" is not an origin such as https://example.org or "
                              "http://10.0.0.7:8081, without a path, or *");
}

Access::Access(AccessOptions options, std::string_view listen, std::string_view scheme)
    : options_(std::move(options)),
      listen_(as_host(listen)),
      scheme_(scheme),
      any_address_(same_host(listen_, "0.0.0.0") || same_host(listen_, "[::]")),
      any_host_(has(options_.hosts, kAny)),
      any_origin_(has(options_.origins, kAny)) {
  for (std::string& host : options_.hosts) host = parse_allowed_host(host);
  for (const std::string& origin : options_.origins) parse_allowed_origin(origin);
}

void Access::check_host(const Request& request) const {
  if (any_host_ || request.authority.empty()) return;
  const auto asked = parse_authority(request.authority);
  const std::string_view host = asked ? asked->host : std::string_view(request.authority);
  if (is_loopback(host) || same_host(host, listen_) || (any_address_ && is_address(host))) return;
  const bool is_allowed =
      std::any_of(options_.hosts.begin(), options_.hosts.end(),
                  [&](const std::string& allowed) { return same_host(allowed, host); });
  if (is_allowed) return;
  const std::string quoted = log_text(host, kQuotedName);
  throw Error(421, "the host that was asked is \"" + quoted + "\", expected localhost" +
                       (any_address_ ? ", an address" : "") +
                       " or what the server listens on; --allow-host " + quoted +
                       " would answer under that name");
}

bool Access::allows_origin(std::string_view text, const Request& request) const {
  if (any_origin_) return true;
  const auto origin = parse_origin(text);
  if (!origin) return false;
  const bool is_web = is_http(origin->scheme) || equal_ignoring_case(origin->scheme, "https");
  if (is_web && is_loopback(origin->authority.host)) return true;
  if (const auto own = parse_authority(request.authority);
      own && same_origin(*origin, {scheme_, *own}))
    return true;
  return std::any_of(
      options_.origins.begin(), options_.origins.end(),
      [&](const std::string& allowed) { return same_origin(*parse_origin(allowed), *origin); });
}

bool Access::may_navigate(const Request& request, std::string_view mode,
                          std::string_view dest) const {
  if (request.method != "GET" && request.method != "HEAD") return false;
  const bool is_document = mode == "navigate" && (dest == "document" || dest.empty());
  // A browser that does not say what it asks for is one that sends no Sec-Fetch-* at all.
  return (is_document || (mode.empty() && dest.empty())) && options_.is_page &&
         options_.is_page(request);
}

void Access::check(const Request& request) const {
  check_host(request);
  if (any_origin_) return;
  std::string_view origin;
  std::string_view referer;
  std::string_view site;
  std::string_view mode;
  std::string_view dest;
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name, "origin")) origin = value;
    if (equal_ignoring_case(name, "referer")) referer = value;
    if (equal_ignoring_case(name, "sec-fetch-site")) site = value;
    if (equal_ignoring_case(name, "sec-fetch-mode")) mode = value;
    if (equal_ignoring_case(name, "sec-fetch-dest")) dest = value;
  }
  if (!origin.empty()) {
    if (allows_origin(origin, request)) return;
    const std::string quoted = log_text(origin, kQuotedName);
    throw Error(403, "the page that asks is of \"" + quoted +
                         "\", expected this server's own pages or those of localhost; "
                         "--allow-origin " +
                         quoted + " would let it in");
  }
  const bool is_own = site == "same-origin" || site == "none";
  const bool is_told = !site.empty() || !referer.empty();
  if (!is_told || is_own) return;
  if (!referer.empty() && allows_origin(origin_of(referer), request)) return;
  // What shares its site with loopback is loopback, with another port.
  const auto asked = parse_authority(request.authority);
  if (site == "same-site" && referer.empty() && asked && is_loopback(asked->host)) return;
  if (may_navigate(request, mode, dest)) return;
  const std::string_view from = referer.empty() ? site : origin_of(referer);
  throw Error(403, "a page of another origin asks (" +
                       std::string(referer.empty() ? "Sec-Fetch-Site" : "Referer") + " is \"" +
                       log_text(from, kQuotedName) +
                       "\"), expected this server's own pages or those of localhost; "
                       "--allow-origin ORIGIN would let it in");
}

void Access::append_cors_lines(const Request& request, std::string& lines) const {
  const std::string_view origin = request.header("Origin");
  const bool is_preflight = request.method == "OPTIONS";
  if (!origin.empty()) {
    lines.append("Access-Control-Allow-Origin: ").append(origin).append("\r\n");
    if (!is_preflight && !options_.exposed_headers.empty()) {
      lines.append("Access-Control-Expose-Headers: ").append(options_.exposed_headers);
      lines.append("\r\n");
    }
  }
  if (!is_preflight) return;
  lines.append("Access-Control-Allow-Methods: ").append(options_.methods).append("\r\n");
  lines.append("Access-Control-Allow-Headers: ").append(options_.request_headers).append("\r\n");
  lines.append("Access-Control-Max-Age: 7200\r\n");
  // https://wicg.github.io/private-network-access/#headers
  if (!origin.empty() &&
      equal_ignoring_case(request.header("Access-Control-Request-Private-Network"), "true"))
    lines.append("Access-Control-Allow-Private-Network: true\r\n");
}

}  // namespace enxame::http
