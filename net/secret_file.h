#pragma once

#include <string>
#include <string_view>

namespace enxame::net {

/// Refuses a file of secrets that everybody may read or write. `what` are the secrets, for the
/// message: "the tokens". Throws std::runtime_error, which names the file, its mode and the remedy,
/// and where there is no such file.
void refuse_open_file(const std::string& file, std::string_view what);

}  // namespace enxame::net
