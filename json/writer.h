#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace enxame::json {

/// Appends `text` to `out` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

/// Writes JSON (RFC 8259) from the front to the back. The caller opens and closes in pairs; commas
/// are put by the writer.
class Writer {
 public:
  Writer& open_object() { return open('{'); }
  Writer& close_object() { return close('}'); }
  Writer& open_array() { return open('['); }
  Writer& close_array() { return close(']'); }

  /// The name of the member whose value is written next.
  Writer& key(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  template <std::integral T>
  Writer& value(T number) {
    if constexpr (std::same_as<T, bool>) {
      return raw(number ? "true" : "false");
    } else {
      return raw(std::to_string(number));
    }
  }

  /// One member of the object that is open.
  template <typename T>
  Writer& member(std::string_view name, const T& what) {
    return key(name).value(what);
  }

  /// What was written so far; the writer is empty afterwards.
  std::string take();

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& raw(std::string_view text);
  void separate();

  std::string out_;
};

}  // namespace enxame::json
