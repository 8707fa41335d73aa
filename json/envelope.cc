#include "json/envelope.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace enxame {

namespace {

constexpr std::size_t kMaxMessageBytes = 300;
constexpr std::size_t kMaxMembers = 64;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Walks over JSON that needs no unescaping. Every function returns whether it found what it looks
/// for.
class PlainJson {
 public:
  explicit PlainJson(std::string_view json) : rest_(json) {}

  bool take(char expected) {
    skip_space();
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A string of printable ASCII without escapes.
  bool take_string(std::string_view& text) {
    if (!take('"')) return false;
    text = rest_.substr(0, rest_.find('"'));
    if (text.size() == rest_.size() || !is_plain(text)) return false;
    rest_.remove_prefix(text.size() + 1);
    return true;
  }

  /// A whole number from 0, of at most 19 digits.
  bool take_number() {
    skip_space();
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
    const auto digits = static_cast<std::size_t>(end - rest_.begin());
    if (digits == 0 || digits > 19 || (rest_[0] == '0' && digits > 1)) return false;
    if (end != rest_.end() && !is_space(*end) && *end != ',' && *end != '}') return false;
    rest_.remove_prefix(digits);
    return true;
  }

  bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  static bool is_plain(std::string_view text) {
    // No early exit, so that the compiler can look at many bytes at a time.
    bool plain = true;
    for (const char c : text) plain &= (c >= 0x20) & (c != '\\');
    return plain;
  }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

}  // namespace

/// Takes the outermost members out of nlohmann/json's events.
class EnvelopeReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit EnvelopeReader(Envelope& envelope) : envelope_(envelope) {}

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool string(string_t& text) override {
    if (depth_ != 1 || !in_object_) return value();
    envelope_.unescaped_.push_back(std::move(text));
    envelope_.members_.push_back({name_, envelope_.unescaped_.back(), true});
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    if (envelope_.members_.size() == kMaxMembers) {
      throw EnvelopeError("the object has more than " + std::to_string(kMaxMembers) + " members");
    }
    envelope_.unescaped_.push_back(std::move(name));
    name_ = envelope_.unescaped_.back();
    return true;
  }
  bool start_object(std::size_t) override { return start(true); }
  bool start_array(std::size_t) override { return start(false); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception& error) override {
    // The library quotes what it has read last, however long that is.
    throw EnvelopeError("not JSON: " + std::string(error.what()).substr(0, kMaxMessageBytes));
  }

 private:
  bool start(bool is_object) {
    if (depth_ == 0) in_object_ = is_object;
    value();
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }
  bool value() {
    if (depth_ == 0 && !in_object_) throw EnvelopeError("the body is JSON, but no object");
    if (depth_ == 1) envelope_.members_.push_back({name_, {}, false});
    return true;
  }

  Envelope& envelope_;
  std::string_view name_;
  std::size_t depth_ = 0;
  bool in_object_ = false;
};

Envelope::Envelope(std::string_view json) {
  if (read_plain(json)) return;
  members_.clear();
  read_any(json);
}

std::string_view Envelope::text(std::string_view name) const {
  const Member* member = find(name);
  if (member == nullptr) {
    throw EnvelopeError("the member \"" + std::string(name) + "\" is missing");
  }
  if (!member->is_text) {
    throw EnvelopeError("the member \"" + std::string(name) + "\" is no string");
  }
  return member->text;
}

const Envelope::Member* Envelope::find(std::string_view name) const {
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const Member& each) { return each.name == name; });
  return found == members_.rend() ? nullptr : &*found;
}

bool Envelope::read_plain(std::string_view json) {
  PlainJson plain(json);
  if (!plain.take('{')) return false;
  do {
    Member member{};
    if (!plain.take_string(member.name) || !plain.take(':')) return false;
    member.is_text = plain.take_string(member.text);
    if (!member.is_text && !plain.take_number()) return false;
    if (members_.size() == kMaxMembers) return false;
    members_.push_back(member);
  } while (plain.take(','));
  return plain.take('}') && plain.at_end();
}

void Envelope::read_any(std::string_view json) {
  EnvelopeReader reader(*this);
  nlohmann::json::sax_parse(json, &reader);
}

}  // namespace enxame
