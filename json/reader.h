#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace enxame::json {

/// Bytes that are not the JSON that was expected. The message names the byte offset.
class Error : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// What a value is, as its first byte tells.
enum class Kind { object, array, string, number, boolean, null, none };

/// "an object", "an array", …, "not a value".
std::string_view to_string(Kind kind);

/// Reads JSON (RFC 8259) front to back, value by value, without building a tree: a task's envelope
/// is a few dozen bytes around two texts of megabytes, which come out as views of the input. Every
/// method throws Error when something else stands there.
///
/// Strict where the RFC leaves a choice: text is UTF-8 without a byte order mark, escapes make no
/// lone surrogates, no object has two members of one name, however it is spelled, nor more than
/// kMaxMembers. What it takes besides the input is bounded by the strings with escapes that
/// string() has returned.
class Reader {
 public:
  /// Of one object.
  static constexpr std::size_t kMaxMembers = 64;
  /// Of the values that skip() passes over.
  static constexpr int kMaxDepth = 64;

  /// `text` has to outlive the reader.
  explicit Reader(std::string_view text) : text_(text) {}
  Reader(const Reader&) = delete;  // its strings may be its own
  Reader& operator=(const Reader&) = delete;

  /// Reads an object; calls `member(key)` for each of its members, which must read the value (or
  /// skip() it).
  template <typename F>
  void object(F&& member) {
    expect('{');
    if (take('}')) return;
    const std::size_t first = names_.size();
    names_.reserve(first + kUsualMembers);
    do {
      const std::string_view key = name(first);
      expect(':');
      member(key);
    } while (take(','));
    names_.resize(first);
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

  /// A string, its escapes decoded: a view of the input, or of the reader's own memory where it is
  /// not printable ASCII without escapes.
  std::string_view string();

  /// A number without sign, fraction and exponent, below 2^64.
  std::uint64_t whole_number();

  /// Passes over one value of any kind, nested at most kMaxDepth deep.
  void skip() { skip(1); }

  /// What stands next.
  Kind next();

  /// Nothing but white space may follow.
  void end();

 private:
  static constexpr std::size_t kUsualMembers = 4;

  void skip(int depth);
  void skip_string();
  void skip_word(std::string_view word);
  void skip_number();
  bool take_digits();
  void pass_white_space();
  /// The name of a member of the object whose first name has the place `first`.
  std::string_view name(std::size_t first);
  /// The next byte that is not white space, or 0 at the end of the input.
  char peek();
  /// Consumes `token` if it stands next.
  bool take(char token);
  void expect(char token);
  /// Consumes a string of printable ASCII without escapes; false, and nothing consumed but the
  /// opening quote, where it is of another kind.
  bool take_plain(std::string_view& bytes);
  /// From behind a string's opening quote to behind its closing one; appends what it means, if
  /// anybody wants it.
  void read_string(std::string* out);
  void read_escape(std::string* out);
  void read_character(std::string* out);
  std::uint32_t four_hex_digits();
  std::string found() const;
  [[noreturn]] void fail(const std::string& expected) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string_view> names_;     ///< of the objects that are open, the inner ones last
  std::forward_list<std::string> decoded_;  ///< the last one first
};

}  // namespace enxame::json
