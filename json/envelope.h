#pragma once

#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace enxame {

/// A body that is not the JSON object it should be. The message says where or which member.
class EnvelopeError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The members of a JSON object that holds a few, possibly very long, strings:
/// {"A":"[[…]]","B":"[[…]]"}. Strings without escapes are not copied, and nothing else is built:
/// members that are no strings are passed over.
class Envelope {
 public:
  /// Reads `json`, which must stay unchanged and outlive this. Throws EnvelopeError unless it is
  /// one JSON object.
  explicit Envelope(std::string_view json);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// The string of that name, without its quotes and escapes. Throws EnvelopeError when there is no
  /// such member or it is no string. Of two members of one name the last counts.
  std::string_view text(std::string_view name) const;

 private:
  friend class EnvelopeReader;

  struct Member {
    std::string_view name;
    std::string_view text;
    bool is_text;
  };

  const Member* find(std::string_view name) const;
  bool read_plain(std::string_view json);
  void read_any(std::string_view json);

  std::vector<Member> members_;
  std::deque<std::string> unescaped_;  // names and texts that do not stand in the JSON as they are
};

}  // namespace enxame
