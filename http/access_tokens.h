#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace enxame::http {

/// What a token is, for messages.
inline constexpr const char* kAccessTokenRule = "16 to 256 letters, digits and -._~";

/// Whether `text` can be an access token: kAccessTokenRule. These characters stand for themselves
/// wherever a token does: in Authorization, as a WebSocket's subprotocol, behind the "#" of a URL.
bool is_access_token(std::string_view text);

/// The tokens of a file: one a line, after a name and a colon or without; empty lines and those
/// that begin with "#" are passed over. Throws std::runtime_error, which names the file and the
/// line but never quotes what may be a secret: for a file that cannot be read, that everybody may
/// read or write, or that has no token, and for a line that is none.
std::vector<std::string> read_access_tokens(const std::string& file);

/// The token of a file that has one, as a client's. Throws as read_access_tokens() does, and for a
/// file with more.
std::string read_access_token(const std::string& file);

}  // namespace enxame::http
