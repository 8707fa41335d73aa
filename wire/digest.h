#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace enxame::wire {

/// 128 bits that stand for the content of a matrix. Made by a Digester; who only gets to see them
/// can compare them.
struct Digest {
  std::array<unsigned char, 16> bytes{};

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// 32 hexadecimal digits, lower case.
std::string to_hex(const Digest& digest);

/// The digest that to_hex() wrote so; nothing when `hex` is anything else.
std::optional<Digest> parse_digest(std::string_view hex);

}  // namespace enxame::wire
