#include "http/request_head.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "http/authority.h"
#include "http/fields.h"
#include "http/text.h"
#include "json/utf8.h"

namespace enxame::http {

namespace {

/// The most parameters that a query may have.
constexpr std::size_t kMaxParameters = 100;
constexpr std::size_t kQuotedTarget = 200;  // bytes of a target in a message

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view take_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

/// Reads "HTTP/1.x" and returns x; any x above 1 is served as 1.
int parse_minor_version(std::string_view version) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_http = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                       is_digit(version[5]) && is_digit(version[7]);
  if (!is_http) {
    throw Error(400,
                "the request line ends in \"" + std::string(version) + "\", expected \"HTTP/1.1\"");
  }
  if (version[5] != '1') {
    throw Error(505, std::string(version) + " is not spoken here, expected HTTP/1.1 or HTTP/1.0");
  }
  return version[7] - '0';
}

void parse_query(std::string_view text, Request& request) {
  request.query.clear();
  while (!text.empty()) {
    const std::size_t ampersand = text.find('&');
    const std::string_view pair = text.substr(0, ampersand);
    text.remove_prefix(ampersand == std::string_view::npos ? text.size() : ampersand + 1);
    if (pair.empty()) continue;
    if (request.query.size() == kMaxParameters) {
      throw Error(400,
                  "there are more than " + std::to_string(kMaxParameters) + " query parameters");
    }
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    request.query.emplace_back(percent_decode(pair.substr(0, equals), Decode::form),
                               percent_decode(value, Decode::form));
  }
}

/// Takes "http://host" off a target in absolute form, whose host goes before that of Host (RFC
/// 9112, section 3.2.2).
void take_authority(std::string_view& target, Request& request) {
  constexpr std::string_view kScheme = "http://";
  request.authority.clear();
  if (target.size() < kScheme.size() ||
      !equal_ignoring_case(target.substr(0, kScheme.size()), kScheme))
    return;
  const std::string_view url = target;
  target.remove_prefix(kScheme.size());
  const std::string_view authority = target.substr(0, target.find_first_of("/?"));
  if (!parse_authority(authority)) {
    throw Error(400, "the request target is \"" + json::quotable(url, kQuotedTarget) +
                         "\", expected http://HOST:PORT/path or /path");
  }
  request.authority.assign(authority);
  target.remove_prefix(authority.size());
  if (target.empty()) target = "/";
}

/// Reads the target in origin form ("/path?query"), absolute form ("http://host/path") or, for
/// OPTIONS, asterisk form.
void parse_target(std::string_view target, Request& request) {
  const bool is_visible_ascii = std::all_of(target.begin(), target.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
  if (!is_visible_ascii || target.find('#') != std::string_view::npos) {
    throw Error(400, "the request target has a character that must be percent-encoded");
  }
  if (target == "*" && request.method == "OPTIONS") {
    request.authority.clear();
    request.path = "*";
    request.query.clear();
    return;
  }
  take_authority(target, request);
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (!path.starts_with('/') && !(path.empty() && !request.authority.empty())) {
    throw Error(400, "the request target is \"" + json::quotable(target, kQuotedTarget) +
                         "\", expected a path from \"/\"");
  }
  request.path = path.empty() ? "/" : percent_decode(path, Decode::path);
  parse_query(question == std::string_view::npos ? std::string_view() : target.substr(question + 1),
              request);
}

/// Returns the method's and the target's HTTP minor version.
int parse_request_line(std::string_view line, Request& request) {
  const std::string_view method = take_word(line);
  if (!is_token(method)) {
    throw Error(400, "the request does not start with a method, expected \"GET /path HTTP/1.1\"");
  }
  const std::string_view target = take_word(line);
  const int minor_version = parse_minor_version(line);
  request.method.assign(method);
  parse_target(target, request);
  return minor_version;
}

/// Whether Transfer-Encoding says that the body comes in chunks (RFC 9112, section 6.1). Throws
/// Error for one that is not understood, or that another reader may not see.
bool comes_in_chunks(const Headers& headers, std::optional<std::size_t> length, bool is_http_1_0) {
  const auto coding = std::find_if(headers.begin(), headers.end(), [](const auto& field) {
    return equal_ignoring_case(field.first, "transfer-encoding");
  });
  if (coding == headers.end()) return false;
  if (length) throw Error(400, "both Content-Length and Transfer-Encoding are given");
  if (is_http_1_0) {
    throw Error(400, "Transfer-Encoding is given in HTTP/1.0, which has none");
  }
  if (equal_ignoring_case(coding->second, "chunked")) return true;
  throw Error(501, "Transfer-Encoding is \"" + json::quotable(coding->second) +
                       "\", expected chunked, or Content-Length in its place");
}

/// Refuses a second field of a kind of which two readers might take one each.
void refuse_repeated_fields(const Headers& headers) {
  constexpr std::array<std::string_view, 14> kGivenOnce{"host",
                                                        "origin",
                                                        "referer",
                                                        "expect",
                                                        "authorization",
                                                        "transfer-encoding",
                                                        "content-type",
                                                        "sec-fetch-site",
                                                        "sec-fetch-mode",
                                                        "sec-fetch-dest",
                                                        "sec-websocket-key",
                                                        "sec-websocket-version",
                                                        "access-control-request-method",
                                                        "access-control-request-private-network"};
  std::uint32_t seen = 0;
  for (const auto& [name, value] : headers) {
    for (std::size_t i = 0; i < kGivenOnce.size(); ++i) {
      if (!equal_ignoring_case(name, kGivenOnce[i])) continue;
      if ((seen >> i & 1) != 0) throw Error(400, name + " is given twice, expected it once");
      seen |= std::uint32_t{1} << i;
    }
  }
}

/// Reads Host (RFC 9112, section 3.2); a target with a host of its own goes before it.
void take_host(Request& request) {
  const std::string_view host = request.header("Host");
  if (host.empty()) return;
  if (!parse_authority(host)) {
    throw Error(400, "Host is \"" + json::quotable(host) + "\", expected HOST or HOST:PORT");
  }
  if (request.authority.empty()) request.authority.assign(host);
}

}  // namespace

std::string percent_decode(std::string_view text, Decode how) {
  std::string out;
  out.reserve(text.size());
  bool is_ascii = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && how == Decode::form) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      const int byte = high < 0 || low < 0 ? -1 : high * 16 + low;
      const bool is_control = how == Decode::path && (byte < 0x20 || byte == 0x7f);
      if (byte <= 0 || is_control) {
        throw Error(400, "percent-encoding \"" + std::string(text.substr(i, 3)) +
                             "\", expected % and two hexadecimal digits of " +
                             (how == Decode::path ? "no control character" : "a byte but 00"));
      }
      if (byte == '/' && how == Decode::path) {
        out += text.substr(i, 3);
      } else {
        out += static_cast<char>(byte);
      }
      is_ascii = is_ascii && byte < 0x80;
      i += 2;
    }
  }
  if (!is_ascii && !is_utf8(out)) {
    throw Error(400, "\"" + std::string(text) + "\" is not percent-encoded UTF-8");
  }
  return out;
}

Framing parse_request_head(std::string_view head, Request& request) {
  const int minor_version = parse_request_line(take_line(head), request);
  parse_fields(head, request.headers);
  refuse_repeated_fields(request.headers);
  take_host(request);

  const std::optional<std::size_t> length = content_length(request.headers);

  Framing framing;
  framing.content_length = length.value_or(0);
  framing.is_http_1_0 = minor_version == 0;
  framing.is_chunked = comes_in_chunks(request.headers, length, framing.is_http_1_0);
  bool wants_close = false;
  bool wants_keep_alive = false;
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name, "connection")) {
      wants_close = wants_close || lists(value, "close");
      wants_keep_alive = wants_keep_alive || lists(value, "keep-alive");
    } else if (equal_ignoring_case(name, "expect") && !framing.is_http_1_0) {
      if (!equal_ignoring_case(value, "100-continue")) {
        throw Error(417, "Expect is \"" + json::quotable(value) + "\", expected 100-continue");
      }
      framing.expects_continue = true;
    }
  }
  framing.keep_alive = !wants_close && (!framing.is_http_1_0 || wants_keep_alive);
  return framing;
}

}  // namespace enxame::http
