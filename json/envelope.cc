#include "json/envelope.h"

#include <algorithm>

namespace enxame::json {

namespace {

constexpr std::string_view kExample = R"({"name":"text"})";

[[noreturn]] void refuse(std::string_view found) {
  throw EnvelopeError("JSON: expected an object such as " + std::string(kExample) + ", found " +
                      std::string(found));
}

bool is_blank(std::string_view json) {
  return json.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

Envelope::Envelope(std::string_view json) : reader_(json) {
  constexpr std::size_t kUsualMembers = 4;
  members_.reserve(kUsualMembers);
  try {
    const Kind kind = reader_.next();
    if (kind == Kind::none && is_blank(json)) refuse("nothing");
    // What is not even a value is the reader's to tell.
    if (kind != Kind::object && kind != Kind::none) refuse(to_string(kind));
    reader_.object([&](std::string_view name) {
      Member member{name, {}, reader_.next()};
      if (member.kind == Kind::string) {
        member.text = reader_.string();
      } else {
        reader_.skip();
      }
      members_.push_back(member);
    });
    reader_.end();
  } catch (const Error& error) {
    throw EnvelopeError(error.what());
  }
}

std::string_view Envelope::text(std::string_view name) const {
  const Member* member = find(name);
  if (member != nullptr && member->kind == Kind::string) return member->text;
  const std::string quoted = "\"" + std::string(name) + "\"";
  if (member == nullptr) throw EnvelopeError("the member " + quoted + " is missing");
  std::string message = "the member " + quoted + " is " + std::string(to_string(member->kind)) +
                        ", expected a string";
  if (member->kind == Kind::array) {
    message += ": put it in quotes, as in " + quoted + R"(:"[[1,2],[3,4]]")";
  }
  throw EnvelopeError(message);
}

const Envelope::Member* Envelope::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &Member::name);
  return found == members_.end() ? nullptr : &*found;
}

}  // namespace enxame::json
