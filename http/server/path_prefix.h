#pragma once

#include <string>
#include <string_view>

namespace enxame::http {

/// Reads a path below which a server is to answer: "/enxame", "/tools/enxame"; with or without a
/// "/" at its end. "/" is "", below which everything is. Throws std::invalid_argument.
std::string parse_path_prefix(std::string_view text);

/// Takes `prefix`, as parse_path_prefix() returns it, off `path`: "/stats" of "/enxame/stats".
/// Returns false, and leaves it as it is, where it is not below the prefix. "*" of OPTIONS is the
/// whole server and below every prefix.
bool take_path_prefix(std::string_view prefix, std::string& path);

}  // namespace enxame::http
