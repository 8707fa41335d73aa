#include "http/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "http/fields.h"

namespace enxame::http {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 31> kReasons{{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

template <typename Integer>
void append_number(Integer number, std::string& out) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  const bool has_control = std::any_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
  if (!is_token(name) || has_control) {
    throw std::invalid_argument("\"" + std::string(name) + ": " + std::string(value) +
                                "\" is not a header field that can be sent");
  }
  out.append(name).append(": ").append(value).append("\r\n");
}

/// "Date: Sun, 06 Nov 1994 08:49:37 GMT" of this second (RFC 9110, section 5.6.7), without asking
/// for the locale.
std::string_view date_line() {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  thread_local std::time_t formatted_second = -1;
  thread_local std::array<char, 64> line;
  thread_local std::size_t length = 0;
  const std::time_t now = std::time(nullptr);
  if (now != formatted_second) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    length = static_cast<std::size_t>(
        std::snprintf(line.data(), line.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                      kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                      kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900,
                      utc.tm_hour, utc.tm_min, utc.tm_sec));
    formatted_second = now;
  }
  return {line.data(), length};
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const auto& each) { return each.first == status; });
  return found == kReasons.end() ? "Unknown" : found->second;
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string to_field_lines(const Headers& fields) {
  std::string lines;
  for (const auto& [name, value] : fields) append_field(name, value, lines);
  return lines;
}

void write_response_head(const Response& response, const Framing& framing,
                         std::initializer_list<std::string_view> more_lines, std::string& out) {
  out.assign("HTTP/1.1 ");
  append_number(response.status, out);
  out.append(" ").append(reason_phrase(response.status)).append("\r\n").append(date_line());
  if (may_have_body(response.status)) {
    if (!response.content_type.empty()) append_field("Content-Type", response.content_type, out);
    if (response.parts && !response.parts->bytes) {
      if (!framing.is_http_1_0) out.append("Transfer-Encoding: chunked\r\n");
    } else {
      out.append("Content-Length: ");
      append_number(response.parts ? *response.parts->bytes : response.body_bytes(), out);
      out.append("\r\n");
    }
  }
  if (!framing.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (framing.is_http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  for (const auto& [name, value] : response.headers) append_field(name, value, out);
  for (const std::string_view lines : more_lines) out.append(lines);
  out.append("\r\n");
}

Response to_response(const Error& error) {
  Response response;
  response.status = error.status();
  if (error.status() == 429 || error.status() == 503) {
    response.headers.emplace_back("Retry-After", "1");
  }
  if (error.status() == 401) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"enxame\"");
  }
  const nlohmann::json body{{"error", error.what()}};
  // A message may quote bytes of the client, which need not be UTF-8.
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

}  // namespace enxame::http
