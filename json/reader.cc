#include "json/reader.h"

#include <algorithm>
#include <charconv>

namespace enxame {
namespace {

constexpr int kMaxDepth = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a string's bytes stand for themselves. No early exit, so that it compiles to vector
/// code.
bool is_plain(std::string_view bytes) {
  unsigned char special = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    special = static_cast<unsigned char>(special | (byte < 0x20) | (byte == '\\'));
  }
  return special == 0;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto tail = [&](int shift) { put(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    put(0xF0U | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::string_view JsonReader::string() {
  expect('"');
  const std::size_t begin = at_;
  const std::size_t close = text_.find('"', begin);
  if (close == std::string_view::npos) {
    at_ = text_.size();
    fail("'\"' at the end of a string");
  }
  const std::string_view bytes = text_.substr(begin, close - begin);
  if (!is_plain(bytes)) return escaped_string(begin);
  at_ = close + 1;
  return bytes;
}

std::string_view JsonReader::escaped_string(std::size_t begin) {
  std::string& out = decoded_.emplace_back();
  at_ = begin;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) fail("an escape in place of a control character");
    ++at_;
    if (c == '"') return out;
    if (c == '\\') {
      append_escape(out);
    } else {
      out += c;
    }
  }
  fail("'\"' at the end of a string");
}

void JsonReader::append_escape(std::string& out) {
  static constexpr std::string_view kEscapes = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  if (const std::size_t i = kEscapes.find(c); i != std::string_view::npos) {
    ++at_;
    out += kMeanings[i];
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
  append_utf8(out, code_point);
}

std::uint32_t JsonReader::four_hex_digits() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value, 16);
  if (digits.size() != 4 || error != std::errc() || stopped != end) fail("four hexadecimal digits");
  at_ += 4;
  return value;
}

std::uint64_t JsonReader::whole_number() {
  pass_white_space();
  const std::size_t begin = at_;
  skip_number();
  std::uint64_t value = 0;
  const auto [stopped, error] = std::from_chars(text_.data() + begin, text_.data() + at_, value);
  if (error != std::errc() || stopped != text_.data() + at_) {
    at_ = begin;
    fail("a whole number below 2^64");
  }
  return value;
}

void JsonReader::skip(int depth) {
  if (depth > kMaxDepth) fail("no more than 64 levels of nesting");
  switch (peek()) {
    case '{':
      return object([&](std::string_view) { skip(depth + 1); });
    case '[':
      return array([&] { skip(depth + 1); });
    case '"':
      string();
      return;
    case 't':
      return skip_word("true");
    case 'f':
      return skip_word("false");
    case 'n':
      return skip_word("null");
    default:
      return skip_number();
  }
}

void JsonReader::skip_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) fail(std::string(word));
  at_ += word.size();
}

void JsonReader::skip_number() {
  const auto next_is = [&](char c) { return at_ < text_.size() && text_[at_] == c; };
  if (next_is('-')) ++at_;
  if (next_is('0')) {
    ++at_;
  } else if (!take_digits()) {
    fail("a value");
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

bool JsonReader::take_digits() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return at_ > begin;
}

void JsonReader::end() {
  pass_white_space();
  if (at_ < text_.size()) fail("nothing more");
}

void JsonReader::pass_white_space() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
}

char JsonReader::peek() {
  pass_white_space();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonReader::take(char token) {
  if (peek() != token) return false;
  ++at_;
  return true;
}

void JsonReader::expect(char token) {
  if (!take(token)) fail(std::string("'") + token + "'");
}

void JsonReader::fail(const std::string& expected) const {
  const std::string found =
      at_ < text_.size() ? "'" + std::string(text_.substr(at_, 1)) + "'" : "the end";
  throw JsonError("JSON: expected " + expected + " at byte " + std::to_string(at_) + ", found " +
                  found);
}

}  // namespace enxame
