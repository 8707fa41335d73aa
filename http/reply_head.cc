#include "http/reply_head.h"

#include <charconv>
#include <stdexcept>

#include "http/fields.h"
#include "http/text.h"

namespace enxame::http {

namespace {

constexpr std::string_view kHttp1 = "HTTP/1.";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int parse_status_line(std::string_view line) {
  int status = 0;
  const bool is_http = line.size() >= 12 && line.starts_with(kHttp1) && is_digit(line[7]) &&
                       line[8] == ' ' && is_digit(line[9]);
  const auto [end, error] = is_http
                                ? std::from_chars(line.data() + 9, line.data() + 12, status)
                                : std::from_chars_result{line.data(), std::errc::invalid_argument};
  const bool complete = error == std::errc() && end == line.data() + 12 &&
                        (line.size() == 12 || line[12] == ' ') && status >= 100;
  if (!complete) {
    throw std::runtime_error("the answer starts with \"" + log_text(line, 80) +
                             "\", expected \"HTTP/1.1 200 OK\"");
  }
  return status;
}

}  // namespace

ReplyHead parse_reply_head(std::string_view head) {
  ReplyHead reply;
  const std::string_view line = take_line(head);
  reply.status = parse_status_line(line);
  parse_fields(head, reply.headers);
  const bool is_http_1_0 = line[kHttp1.size()] == '0';
  reply.keep_alive = !lists(reply.headers, "Connection", "close") &&
                     (!is_http_1_0 || lists(reply.headers, "Connection", "keep-alive"));
  return reply;
}

}  // namespace enxame::http
