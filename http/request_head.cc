#include "http/request_head.h"

#include <algorithm>
#include <optional>

#include "http/fields.h"

namespace enxame::http {

namespace {

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
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    request.query.emplace_back(percent_decode(pair.substr(0, equals), true),
                               percent_decode(value, true));
  }
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
    request.path = "*";
    request.query.clear();
    return;
  }
  constexpr std::string_view kScheme = "http://";
  if (target.size() > kScheme.size() &&
      equal_ignoring_case(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    if (target.empty()) target = "/";
  }
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (!path.starts_with('/')) {
    throw Error(
        400, "the request target is \"" + std::string(target) + "\", expected a path from \"/\"");
  }
  request.path = percent_decode(path, false);
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

void refuse_transfer_encoding(const Headers& headers, std::optional<std::size_t> length) {
  for (const auto& [name, value] : headers) {
    if (!equal_ignoring_case(name, "transfer-encoding")) continue;
    if (length) throw Error(400, "both Content-Length and Transfer-Encoding are given");
    throw Error(equal_ignoring_case(value, "chunked") ? 411 : 501,
                "Transfer-Encoding \"" + value + "\" is not read here, send Content-Length");
  }
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0 || (high == 0 && low == 0)) {
        throw Error(400, "percent-encoding \"" + std::string(text.substr(i, 3)) +
                             "\", expected % and two hexadecimal digits that are not 00");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

Framing parse_request_head(std::string_view head, Request& request) {
  const int minor_version = parse_request_line(take_line(head), request);
  parse_fields(head, request.headers);

  const std::optional<std::size_t> length = content_length(request.headers);
  refuse_transfer_encoding(request.headers, length);

  Framing framing;
  framing.content_length = length.value_or(0);
  framing.is_http_1_0 = minor_version == 0;
  bool wants_close = false;
  bool wants_keep_alive = false;
  std::size_t hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name, "connection")) {
      wants_close = wants_close || lists(value, "close");
      wants_keep_alive = wants_keep_alive || lists(value, "keep-alive");
    } else if (equal_ignoring_case(name, "host")) {
      ++hosts;
    } else if (equal_ignoring_case(name, "expect") && !framing.is_http_1_0) {
      if (!equal_ignoring_case(value, "100-continue")) {
        throw Error(417, "Expect is \"" + value + "\", expected 100-continue");
      }
      framing.expects_continue = true;
    }
  }
  if (hosts > 1) throw Error(400, "Host is given " + std::to_string(hosts) + " times");
  framing.keep_alive = !wants_close && (!framing.is_http_1_0 || wants_keep_alive);
  return framing;
}

}  // namespace enxame::http
