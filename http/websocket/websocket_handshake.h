#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/reply_head.h"

namespace enxame::http {

// How an HTTP connection becomes a WebSocket (RFC 6455, section 4).

/// What the server has to answer to a client's Sec-WebSocket-Key, in Sec-WebSocket-Accept.
std::string websocket_accept(std::string_view key);

/// A new Sec-WebSocket-Key.
std::string websocket_key();

/// The subprotocol of the server, for clients that offer some (RFC 6455, section 1.9): pages do, to
/// bring their token along (http/server/authentication.h).
inline constexpr const char* kSubprotocol = "enxame";

/// The answer that turns the connection of `request` into a WebSocket; `session` then runs on the
/// connection's thread and the WebSocket is closed when it returns. Throws Error 400 for a request
/// that does not ask for one properly; a version that is not spoken here is answered 426.
Response websocket_answer(const Request& request, std::function<void(WebSocket&)> session);

/// What a client has to see in the answer to its handshake with `key`, a 101. Throws
/// std::runtime_error for anything else.
void check_websocket_reply(const ReplyHead& reply, std::string_view key);

}  // namespace enxame::http
