#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace enxame::http {

struct Request;

/// Whose requests are answered, besides those of programs on this machine.
struct AccessOptions {
  /// Further names under which the server is asked (`Host`); "*": any.
  std::vector<std::string> hosts{};
  /// Further origins whose pages may ask, "https://example.org"; "*": any.
  std::vector<std::string> origins{};

  /// Whether a browser may be led to that address from a foreign page: the pages of a site, but no
  /// route that does something. Unset: no address.
  std::function<bool(const Request&)> is_page{};

  // What pages of another origin may do, once they are let in
  // (https://fetch.spec.whatwg.org/#http-responses).
  std::string methods = "GET, HEAD, POST, OPTIONS";
  std::string request_headers = "Accept, Content-Type";
  std::string exposed_headers{};
};

/// Reads a name of AccessOptions::hosts, without a port. Throws std::invalid_argument.
std::string parse_allowed_host(std::string_view text);

/// Reads an origin of AccessOptions::origins. Throws std::invalid_argument.
std::string parse_allowed_origin(std::string_view text);

/// Keeps foreign web pages away, whether a server asks for tokens or not. A page can have any
/// browser send requests to it, and reads the answers if it can make the browser take the server
/// for its own (DNS rebinding). So a request is refused
///
/// - under a foreign name: `Host` must be a loopback name or address, the address that is listened
///   on, or one of `hosts`; any address where all are listened on, since rebinding takes a name;
/// - from a foreign page: `Origin` must be the server's own ("http://", or "https://" where it has
///   TLS, and the Host that was asked) or of loopback, whatever its port, or one of `origins`.
///   Where a browser sends none, as it does for images, scripts and links, Sec-Fetch-Site and
///   Referer say where a request comes from.
///
/// A request without any of these comes from a program, which could as well lie, and is answered.
class Access {
 public:
  /// `listen` is the address that is listened on, `scheme` that of the server's own pages. Throws
  /// std::invalid_argument for options that the parsers above would not have read.
  Access(AccessOptions options, std::string_view listen, std::string_view scheme = "http");

  /// Throws Error: 421 for the host, 403 for the page.
  void check(const Request& request) const;

  /// The lines by which a browser lets the page that asked see the answer; none for a program. For
  /// requests that check() has let in.
  void append_cors_lines(const Request& request, std::string& lines) const;

 private:
  void check_host(const Request& request) const;
  bool allows_origin(std::string_view origin, const Request& request) const;
  bool may_navigate(const Request& request, std::string_view mode, std::string_view dest) const;

  AccessOptions options_;
  std::string listen_;
  std::string scheme_;
  bool any_address_;
  bool any_host_;
  bool any_origin_;
};

}  // namespace enxame::http
