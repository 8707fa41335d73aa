#include "json/reader.h"

#include <algorithm>
#include <charconv>

#include "json/utf8.h"

namespace enxame::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a byte of a string stands for itself: printable ASCII, but for quotes and backslashes.
/// As a signed char, what is not ASCII is below 0.
bool is_plain(char c) { return (static_cast<signed char>(c) >= 0x20) & (c != '\\') & (c != '"'); }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// As is_plain(), of bytes without quotes. No early exit, and bytes only, so that it compiles to
/// vector code.
bool are_plain(std::string_view bytes) {
  unsigned char special = 0;
  for (const char c : bytes) {
    special |= static_cast<unsigned char>(static_cast<signed char>(c) < 0x20) |
               static_cast<unsigned char>(c == '\\');
  }
  return special == 0;
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::object:
      return "an object";
    case Kind::array:
      return "an array";
    case Kind::string:
      return "a string";
    case Kind::number:
      return "a number";
    case Kind::boolean:
      return "a boolean";
    case Kind::null:
      return "null";
    case Kind::none:
      break;
  }
  return "not a value";
}

std::string_view Reader::name(std::size_t first) {
  pass_white_space();
  const std::size_t begin = at_;
  const std::string_view name = string();
  const auto siblings = names_.begin() + static_cast<std::ptrdiff_t>(first);
  if (std::find(siblings, names_.end(), name) != names_.end()) {
    throw Error("JSON: the member \"" + quotable(name) + "\" is repeated at byte " +
                std::to_string(begin) + ", expected each name once");
  }
  if (names_.size() - first == kMaxMembers) {
    throw Error("JSON: the object has more than " + std::to_string(kMaxMembers) +
                " members at byte " + std::to_string(begin));
  }
  names_.push_back(name);
  return name;
}

std::string_view Reader::string() {
  std::string_view bytes;
  if (take_plain(bytes)) return bytes;
  std::string& out = decoded_.emplace_front();
  read_string(&out);
  return out;
}

void Reader::skip_string() {
  std::string_view bytes;
  if (!take_plain(bytes)) read_string(nullptr);
}

bool Reader::take_plain(std::string_view& bytes) {
  expect('"');
  const std::size_t close = text_.find('"', at_);
  if (close == std::string_view::npos) {
    at_ = text_.size();
    fail("'\"' at the end of a string");
  }
  bytes = text_.substr(at_, close - at_);
  if (!are_plain(bytes)) return false;
  at_ = close + 1;
  return true;
}

void Reader::read_string(std::string* out) {
  while (at_ < text_.size()) {
    const auto special =
        std::find_if_not(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.end(), is_plain);
    const auto end = static_cast<std::size_t>(special - text_.begin());
    if (out != nullptr) out->append(text_.substr(at_, end - at_));
    at_ = end;
    if (at_ == text_.size()) break;
    if (text_[at_] == '"') {
      ++at_;
      return;
    }
    if (text_[at_] == '\\') {
      read_escape(out);
    } else {
      read_character(out);
    }
  }
  fail("'\"' at the end of a string");
}

void Reader::read_character(std::string* out) {
  if (static_cast<unsigned char>(text_[at_]) < 0x20) {
    fail("an escape in place of a control character");
  }
  const std::size_t length = utf8_length(text_.substr(at_));
  if (length == 0) fail("UTF-8");
  if (out != nullptr) out->append(text_.substr(at_, length));
  at_ += length;
}

void Reader::read_escape(std::string* out) {
  static constexpr std::string_view kEscapes = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char c = ++at_ < text_.size() ? text_[at_] : '\0';
  if (const std::size_t i = kEscapes.find(c); i != std::string_view::npos) {
    ++at_;
    if (out != nullptr) *out += kMeanings[i];
    return;
  }
  if (c != 'u') fail("one of \" \\ / b f n r t u after a backslash");
  ++at_;
  std::uint32_t code_point = four_hex_digits();
  if (code_point >= 0xD800 && code_point < 0xDC00) {
    if (text_.substr(at_, 2) != "\\u") fail("the second half of a surrogate pair");
    at_ += 2;
    const std::uint32_t low = four_hex_digits();
    if (low < 0xDC00 || low >= 0xE000) fail("the second half of a surrogate pair");
    code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
  } else if (code_point >= 0xDC00 && code_point < 0xE000) {
    fail("the first half of a surrogate pair");
  }
  if (out != nullptr) append_utf8(*out, code_point);
}

std::uint32_t Reader::four_hex_digits() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value, 16);
  if (digits.size() != 4 || error != std::errc() || stopped != end) fail("four hexadecimal digits");
  at_ += 4;
  return value;
}

std::uint64_t Reader::whole_number() {
  pass_white_space();
  const std::size_t begin = at_;
  skip_number();
  const char* const end = text_.data() + at_;
  std::uint64_t value = 0;
  const auto [stopped, error] = std::from_chars(text_.data() + begin, end, value);
  if (error != std::errc() || stopped != end) {
    at_ = begin;
    fail("a whole number below 2^64");
  }
  return value;
}

void Reader::skip(int depth) {
  const Kind kind = next();
  if (depth > kMaxDepth && (kind == Kind::object || kind == Kind::array)) {
    fail("no more than " + std::to_string(kMaxDepth) + " levels of nesting");
  }
  switch (kind) {
    case Kind::object: {
      const auto before = decoded_.begin();
      object([&](std::string_view) { skip(depth + 1); });
      // Names of its members, which nobody compares with any more.
      while (decoded_.begin() != before) decoded_.pop_front();
      return;
    }
    case Kind::array:
      return array([&] { skip(depth + 1); });
    case Kind::string:
      return skip_string();
    case Kind::boolean:
      return skip_word(text_[at_] == 't' ? "true" : "false");
    case Kind::null:
      return skip_word("null");
    case Kind::number:
      return skip_number();
    case Kind::none:
      fail("a value");
  }
}

void Reader::skip_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) fail(std::string(word));
  at_ += word.size();
}

void Reader::skip_number() {
  const auto next_is = [&](char c) { return at_ < text_.size() && text_[at_] == c; };
  if (next_is('-')) ++at_;
  if (next_is('0')) {
    ++at_;
  } else if (!take_digits()) {
    fail("a number");
  }
  if (next_is('.')) {
    ++at_;
    if (!take_digits()) fail("digits after the decimal point");
  }
  if (next_is('e') || next_is('E')) {
    ++at_;
    if (next_is('+') || next_is('-')) ++at_;
    if (!take_digits()) fail("digits in the exponent");
  }
}

bool Reader::take_digits() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return at_ > begin;
}

Kind Reader::next() {
  switch (peek()) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      return at_ < text_.size() && (text_[at_] == '-' || is_digit(text_[at_])) ? Kind::number
                                                                               : Kind::none;
  }
}

void Reader::end() {
  pass_white_space();
  if (at_ < text_.size()) fail("nothing more");
}

void Reader::pass_white_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

char Reader::peek() {
  pass_white_space();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool Reader::take(char token) {
  if (peek() != token) return false;
  ++at_;
  return true;
}

void Reader::expect(char token) {
  if (!take(token)) fail(std::string("'") + token + "'");
}

std::string Reader::found() const {
  if (at_ >= text_.size()) return "the end";
  if (at_ == 0 && text_.starts_with(kByteOrderMark)) return "a byte order mark";
  const char c = text_[at_];
  if (c >= ' ' && c <= '~') return {'\'', c, '\''};
  return "byte value " + std::to_string(static_cast<unsigned char>(c));
}

void Reader::fail(const std::string& expected) const {
  throw Error("JSON: expected " + expected + " at byte " + std::to_string(at_) + ", found " +
              found());
}

}  // namespace enxame::json
