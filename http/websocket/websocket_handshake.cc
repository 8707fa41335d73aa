#include "http/websocket/websocket_handshake.h"

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "http/fields.h"
#include "http/response_head.h"
#include "http/text.h"
#include "json/utf8.h"

namespace enxame::http {

namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 16;

template <typename Bytes>
std::string to_base64(const Bytes& bytes) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
  encoder.close();
  return out.str();
}

/// Whether `key` is kKeyBytes in base64.
bool is_key(std::string_view key) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // The last digit stands for two bits only.
  constexpr std::string_view kLastDigits = "AQgw";
  return key.size() == (kKeyBytes + 2) / 3 * 4 && key.ends_with("==") &&
         key.find_first_not_of(kDigits) == key.size() - 2 &&
         kLastDigits.find(key[key.size() - 3]) != std::string_view::npos;
}

void expect(const Request& request, const char* field, std::string_view value) {
  if (lists(request.headers, field, value)) return;
  throw Error(400, std::string(field) + " is \"" + json::quotable(request.header(field)) +
                       "\", expected " + std::string(value));
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  Poco::SHA1Engine sha1;
  sha1.update(key.data(), key.size());
  sha1.update(kGuid.data(), kGuid.size());
  return to_base64(sha1.digest());
}

std::string websocket_key() {
  std::array<unsigned char, kKeyBytes> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != ssize_t{kKeyBytes}) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return to_base64(bytes);
}

Response websocket_answer(const Request& request, std::function<void(WebSocket&)> session) {
  if (request.method != "GET" || !request.body.empty()) {
    throw Error(400, "a handshake by " + request.method + " with a body of " +
                         std::to_string(request.body.size()) +
                         " bytes, expected a GET without one");
  }
  expect(request, "Upgrade", "websocket");
  expect(request, "Connection", "upgrade");
  const std::string_view version = request.header("Sec-WebSocket-Version");
  if (version != kVersion) {
    Response refusal =
        to_response(Error(426, "Sec-WebSocket-Version is \"" + json::quotable(version) +
                                   "\", expected " + std::string(kVersion)));
    refusal.headers.emplace_back("Sec-WebSocket-Version", kVersion);
    return refusal;
  }
  const std::string_view key = request.header("Sec-WebSocket-Key");
  if (!is_key(key)) {
    throw Error(
        400, "Sec-WebSocket-Key is \"" + json::quotable(key) + "\", expected 16 bytes in base64");
  }
  Response response;
  response.status = 101;
  response.headers = {{"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Accept", websocket_accept(key)}};
  // A browser ends a connection for which none of the subprotocols that it offered was chosen.
  if (lists(request.headers, "Sec-WebSocket-Protocol", kSubprotocol)) {
    response.headers.emplace_back("Sec-WebSocket-Protocol", kSubprotocol);
  }
  response.websocket = std::move(session);
  return response;
}

void check_websocket_reply(const ReplyHead& reply, std::string_view key) {
  const auto only = [&](std::string_view name) {
    const auto is_it = [&](const auto& field) { return equal_ignoring_case(field.first, name); };
    const auto count = std::count_if(reply.headers.begin(), reply.headers.end(), is_it);
    if (count > 1) throw std::runtime_error(std::string(name) + " is given twice");
    return find_field(reply.headers, name);
  };
  const auto refuse = [](std::string_view name, std::string_view value, std::string_view expected) {
    throw std::runtime_error(std::string(name) + " is \"" + log_text(value) + "\", expected " +
                             std::string(expected));
  };
  if (!lists(reply.headers, "Upgrade", "websocket")) {
    refuse("Upgrade", find_field(reply.headers, "Upgrade"), "websocket");
  }
  if (!lists(reply.headers, "Connection", "upgrade")) {
    refuse("Connection", find_field(reply.headers, "Connection"), "Upgrade");
  }
  const std::string accept = websocket_accept(key);
  if (const auto given = only("Sec-WebSocket-Accept"); given != accept) {
    refuse("Sec-WebSocket-Accept", given, "\"" + accept + "\"");
  }
  // Neither was asked for (RFC 6455, section 4.1).
  for (const std::string_view name : {"Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"}) {
    if (const auto given = only(name); !given.empty()) refuse(name, given, "none");
  }
}

}  // namespace enxame::http
