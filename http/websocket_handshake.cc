#include "http/websocket_handshake.h"

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>
#include <system_error>
#include <utility>

#include "http/fields.h"
#include "http/response_head.h"

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
  return key.size() == (kKeyBytes + 2) / 3 * 4 && key.ends_with("==") &&
         key.find_first_not_of(kDigits) == key.size() - 2;
}

void expect(const Request& request, const char* field, std::string_view value) {
  if (lists(request.header(field), value)) return;
  throw Error(400, std::string(field) + " is \"" + std::string(request.header(field)) +
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
  expect(request, "Upgrade", "websocket");
  expect(request, "Connection", "upgrade");
  const std::string_view version = request.header("Sec-WebSocket-Version");
  if (version != kVersion) {
    Response refusal = to_response(Error(426, "Sec-WebSocket-Version is \"" + std::string(version) +
                                                  "\", expected " + std::string(kVersion)));
    refusal.headers.emplace_back("Sec-WebSocket-Version", kVersion);
    return refusal;
  }
  const std::string_view key = request.header("Sec-WebSocket-Key");
  if (!is_key(key)) {
    throw Error(400,
                "Sec-WebSocket-Key is \"" + std::string(key) + "\", expected 16 bytes in base64");
  }
  Response response;
  response.status = 101;
  response.headers = {{"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Accept", websocket_accept(key)}};
  response.websocket = std::move(session);
  return response;
}

}  // namespace enxame::http
