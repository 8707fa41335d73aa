#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace enxame {

/// Bytes that are not the JSON that was expected. The message names the byte offset.
class JsonError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Reads JSON (RFC 8259) front to back, value by value, without building a tree: a task's envelope
/// is a few dozen bytes around two texts of megabytes, which come out as views of the input. Every
/// method throws JsonError when something else stands there.
class JsonReader {
 public:
  /// `text` has to outlive the reader.
  explicit JsonReader(std::string_view text) : text_(text) {}

  /// Reads an object; calls `member(key)` for each of its members, which must read the value (or
  /// skip() it).
  template <typename F>
  void object(F&& member) {
    expect('{');
    if (take('}')) return;
    do {
      const std::string_view key = string();
      expect(':');
      member(key);
    } while (take(','));
    expect('}');
  }

  /// Reads an array; calls `element()` for each of its elements, which must read it (or skip() it).
  template <typename F>
  void array(F&& element) {
    expect('[');
    if (take(']')) return;
    do {
      element();
    } while (take(','));
    expect(']');
  }

  /// A string, its escapes decoded: a view of the input, or of the reader's own memory when there
  /// were escapes.
  std::string_view string();

  /// A number without sign, fraction and exponent, below 2^64.
  std::uint64_t whole_number();

  /// Passes over one value of any kind, nested at most 64 deep.
  void skip() { skip(0); }

  /// Nothing but white space may follow.
  void end();

 private:
  void skip(int depth);
  void skip_word(std::string_view word);
  void skip_number();
  bool take_digits();
  void pass_white_space();
  /// The next byte that is not white space, or 0 at the end of the input.
  char peek();
  /// Consumes `token` if it stands next.
  bool take(char token);
  void expect(char token);
  std::string_view escaped_string(std::size_t begin);
  void append_escape(std::string& out);
  std::uint32_t four_hex_digits();
  [[noreturn]] void fail(const std::string& expected) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::deque<std::string> decoded_;
};

}  // namespace enxame
