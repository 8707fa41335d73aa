#include "http/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

#include "json/utf8.h"

namespace enxame::http {

namespace {

constexpr std::string_view kTokenPunctuation = "!#$%&'*+-.^_`|~";

constexpr std::array<bool, 256> token_characters() {
  std::array<bool, 256> is{};
  for (const char c : kTokenPunctuation) is[static_cast<unsigned char>(c)] = true;
  for (std::size_t c = '0'; c <= '9'; ++c) is[c] = true;
  for (std::size_t c = 'a'; c <= 'z'; ++c) is[c] = is[c - 'a' + 'A'] = true;
  return is;
}
constexpr std::array<bool, 256> kIsToken = token_characters();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// Writes into storage that is used again, but not into as much as one large value has left.
void assign_kept(std::string& kept, std::string_view value) {
  constexpr std::size_t kMaxKeptBytes = 512;
  if (kept.capacity() > kMaxKeptBytes && value.size() <= kMaxKeptBytes) std::string().swap(kept);
  kept.assign(value);
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kIsToken[static_cast<unsigned char>(c)];
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  });
}

std::string_view find_field(const Headers& fields, std::string_view name) {
  for (const auto& [field, value] : fields) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return {};
}

bool lists(std::string_view field_value, std::string_view item) {
  while (!field_value.empty()) {
    const std::size_t comma = field_value.find(',');
    const std::string_view element = field_value.substr(0, comma);
    if (equal_ignoring_case(trimmed(element.substr(0, element.find(';'))), item)) return true;
    field_value.remove_prefix(comma == std::string_view::npos ? field_value.size() : comma + 1);
  }
  return false;
}

bool lists(const Headers& fields, std::string_view name, std::string_view item) {
  return std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
    return equal_ignoring_case(field.first, name) && lists(field.second, item);
  });
}

bool names_tag(const Headers& fields, std::string_view name, std::string_view tag) {
  constexpr std::string_view kWeak = "W/";
  for (const auto& [field, value] : fields) {
    if (!equal_ignoring_case(field, name)) continue;
    std::string_view left = trimmed(value);
    if (left == "*") return true;
    left.remove_prefix(std::min(left.find_first_not_of(", \t"), left.size()));
    while (!left.empty()) {
      if (left.starts_with(kWeak)) left.remove_prefix(kWeak.size());
      // A comma may stand between quotes.
      const std::size_t end = left.starts_with('"') ? left.find('"', 1) : std::string_view::npos;
      if (end == std::string_view::npos) break;
      if (left.substr(0, end + 1) == tag) return true;
      left = trimmed(left.substr(end + 1));
      if (!left.starts_with(',')) break;
      left.remove_prefix(std::min(left.find_first_not_of(", \t"), left.size()));
    }
  }
  return false;
}

std::optional<std::size_t> find_head_end(std::string_view bytes) {
  std::size_t line_begin = 0;
  for (;;) {
    const std::size_t line_feed = bytes.find('\n', line_begin);
    const bool complete = line_feed != std::string_view::npos;
    const std::size_t line_end = complete ? line_feed + 1 : bytes.size();
    const std::string_view line = bytes.substr(line_begin, line_end - line_begin);
    if (line.find('\0') != std::string_view::npos) {
      throw Error(400, "the head has a NUL byte at offset " +
                           std::to_string(line_begin + line.find('\0')) + ", expected text");
    }
    if (line_begin == 0 && line.size() > kMaxStartLineBytes) {
      throw Error(
          414, "the request line is longer than " + std::to_string(kMaxStartLineBytes) + " bytes");
    }
    if (line_end > kMaxHeadBytes) {
      throw Error(431, "the head is longer than " + std::to_string(kMaxHeadBytes) + " bytes");
    }
    if (!complete) return std::nullopt;
    if (line.size() < 2 || line[line.size() - 2] != '\r') {
      throw Error(400, "the line that ends at offset " + std::to_string(line_feed) +
                           " ends in LF, expected CRLF");
    }
    if (line.size() == 2) return line_end;
    line_begin = line_end;
  }
}

std::string_view take_line(std::string_view& head) {
  const std::size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  head.remove_prefix(std::min(head.size(), line.size() + 2));
  return line;
}

void parse_fields(std::string_view lines, Headers& fields) {
  std::size_t count = 0;
  for (std::string_view line = take_line(lines); !line.empty(); line = take_line(lines)) {
    if (count == kMaxFields) {
      throw Error(431, "there are more than " + std::to_string(kMaxFields) + " header fields");
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name)) {
      throw Error(400, "header line \"" + std::string(line) + "\", expected \"name: value\"");
    }
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_field_value(value)) {
      throw Error(400, "the value of header " + std::string(name) + " has a control character");
    }
    if (count == fields.size()) fields.emplace_back();
    assign_kept(fields[count].first, name);
    assign_kept(fields[count].second, value);
    ++count;
  }
  fields.resize(count);
}

std::optional<std::size_t> content_length(const Headers& fields) {
  const std::string* text = nullptr;
  for (const auto& [name, value] : fields) {
    if (!equal_ignoring_case(name, "content-length")) continue;
    if (text != nullptr) {
      throw Error(400, "Content-Length is given twice: \"" + *text + "\" and \"" + value + "\"");
    }
    text = &value;
  }
  if (text == nullptr) return std::nullopt;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text->empty() || !std::all_of(text->begin(), text->end(), is_digit)) {
    throw Error(400, "Content-Length is \"" + json::quotable(*text) + "\", expected digits");
  }
  std::int64_t length = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
  if (error != std::errc()) {
    throw Error(413, "Content-Length is " + *text + ", expected at most " +
                         std::to_string(std::numeric_limits<std::int64_t>::max()));
  }
  return static_cast<std::size_t>(length);
}

}  // namespace enxame::http
