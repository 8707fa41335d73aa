#include "http/client/websocket_client.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "http/fields.h"
#include "http/text.h"
#include "http/websocket/websocket_handshake.h"

namespace enxame::http {

namespace {

constexpr std::size_t kMaxQuotedBytes = 200;

}  // namespace

WebSocketClient::WebSocketClient(const Origin& origin, const std::string& target,
                                 const Options& options)
    : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  try {
    if (wake_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    stream_ = std::make_unique<net::Stream>(
        connect_to(origin, options.identity, options.connect_timeout));
    shake_hands(origin, target, options);
    socket_ = std::make_unique<WebSocket>(*stream_, input_, WebSocket::Side::client, wake_.get(),
                                          options.socket);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(to_string(origin) + ": WebSocket " + target + ": " + error.what());
  }
}

void WebSocketClient::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter overflows, when it has long been readable.
  static_cast<void>(!write(wake_.get(), &one, sizeof one));
}

void WebSocketClient::shake_hands(const Origin& origin, const std::string& target,
                                  const Options& options) {
  const net::TimePoint deadline = std::chrono::steady_clock::now() + options.connect_timeout;
  const std::string key = websocket_key();
  stream_->write("GET " + target + " HTTP/1.1\r\nHost: " + origin.host + ":" +
                     std::to_string(origin.port) +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                     key + "\r\n" + authorization_line(options.identity.token) + "\r\n",
                 net::Deadline(deadline));
  std::optional<std::size_t> end;
  while (!(end = find_head_end(input_.bytes()))) {
    const std::span<char> room = input_.room();
    const std::size_t received = stream_->read(room.data(), room.size(), deadline);
    if (received == 0) throw net::ConnectionError("the connection was closed during the handshake");
    input_.received(received);
  }
  const std::string_view head = input_.bytes().substr(0, *end);
  const ReplyHead reply = parse_reply_head(head);
  if (reply.status != 101) {
    throw std::runtime_error("the server answered \"" +
                             log_text(head.substr(0, head.find("\r\n"))) + "\" " +
                             log_text(input_.bytes().substr(*end, kMaxQuotedBytes)));
  }
  check_websocket_reply(reply, key);
  input_.consume(*end);
}

}  // namespace enxame::http
