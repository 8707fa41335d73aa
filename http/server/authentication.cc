#include "http/server/authentication.h"

#include <Poco/SHA2Engine.h>

#include <algorithm>

#include "http/fields.h"
#include "http/message.h"

namespace enxame::http {

namespace {

/// Behind "Bearer " of Authorization, whose scheme is in any case; empty where there is none.
std::string_view token_of_authorization(std::string_view field) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!equal_ignoring_case(field.substr(0, kScheme.size()), kScheme)) return {};
  field.remove_prefix(kScheme.size());
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  return field;
}

/// Behind "bearer." of one of the subprotocols that a WebSocket's client offers.
std::string_view token_of_subprotocols(std::string_view field) {
  constexpr std::string_view kPrefix = "bearer.";
  while (!field.empty()) {
    std::string_view item = field.substr(0, field.find(','));
    field.remove_prefix(std::min(item.size() + 1, field.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    if (!item.starts_with(kPrefix)) continue;
    item.remove_prefix(kPrefix.size());
    return item.substr(0, item.find_first_of(" \t"));
  }
  return {};
}

std::string_view token_of(const Request& request) {
  const std::string_view token = token_of_authorization(request.header("Authorization"));
  return token.empty() ? token_of_subprotocols(request.header("Sec-WebSocket-Protocol")) : token;
}

/// Takes as long wherever they differ.
template <typename Bytes>
bool same_bytes(const Bytes& a, const Bytes& b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

Authentication::Authentication(const AuthenticationOptions& options) : role_of_(options.role_of) {
  add(options.client_tokens, Role::client);
  add(options.worker_tokens, Role::worker);
}

void Authentication::add(const std::vector<std::string>& tokens, Role role) {
  for (const std::string& token : tokens) tokens_.push_back({digest_of(token), role});
}

Authentication::Digest Authentication::digest_of(std::string_view token) {
  Poco::SHA2Engine sha256;
  sha256.update(token.data(), token.size());
  const Poco::DigestEngine::Digest& bytes = sha256.digest();
  Digest digest;
  std::copy_n(bytes.begin(), digest.size(), digest.begin());
  return digest;
}

void Authentication::check(const Request& request) const {
  if (tokens_.empty() || request.method == "OPTIONS") return;
  const Role needed = role_of_ ? role_of_(request) : Role::client;
  if (needed == Role::anyone) return;
  const Digest shown = digest_of(token_of(request));
  bool is_known = false;
  bool is_right = false;
  for (const Token& token : tokens_) {
    const bool is_it = same_bytes(token.digest, shown);
    is_known |= is_it;
    is_right |= is_it && token.role == needed;
  }
  // An answer does not tell a wrong one from none.
  if (!is_known) {
    throw Error(401,
                "expected a token of this server: Authorization: Bearer TOKEN, and of a page "
                "#token=TOKEN at the end of its address");
  }
  if (!is_right) {
    throw Error(403, std::string("the token is not one of a ") +
                         (needed == Role::client ? "client" : "worker") + ", for whom this is");
  }
}

}  // namespace enxame::http
