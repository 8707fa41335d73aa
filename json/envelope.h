#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"

namespace enxame::json {

/// A body that is not the JSON object it should be. The message says where or which member, and
/// what was expected.
class EnvelopeError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The members of a JSON object that holds a few, possibly very long, strings:
/// {"A":"[[…]]","B":"[[…]]"}. As strict as Reader. Strings without escapes are not copied, and
/// nothing else is built: members that are not strings are passed over.
///
///   const Envelope envelope(body);
///   const Matrix a = decode_text<double>(envelope.text("A"));
class Envelope {
 public:
  /// Reads `json`, which must stay unchanged and outlive this. Throws EnvelopeError unless it is
  /// one JSON object and nothing else.
  explicit Envelope(std::string_view json);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// The string of that name, without its quotes and escapes. Throws EnvelopeError when there is no
  /// such member or it is not a string.
  std::string_view text(std::string_view name) const;

 private:
  struct Member {
    std::string_view name;
    std::string_view text;
    Kind kind;
  };

  const Member* find(std::string_view name) const;

  Reader reader_;  // whose strings the members are
  std::vector<Member> members_;
};

}  // namespace enxame::json
