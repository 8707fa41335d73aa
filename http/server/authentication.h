#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace enxame::http {

struct Request;

/// Who may ask for something.
enum class Role {
  anyone,
  client,  ///< gives work, looks at it and takes what came of it
  worker,  ///< does the work
};

/// Who has to show a token, and which.
struct AuthenticationOptions {
  std::vector<std::string> client_tokens{};
  std::vector<std::string> worker_tokens{};  ///< a token may be both

  /// Whom a request is for. Unset: clients. May throw Error.
  std::function<Role(const Request&)> role_of{};
};

/// Keeps strangers out, where there are tokens; without any, everybody may ask for everything. A
/// request shows its token as
///
///     Authorization: Bearer TOKEN                              (RFC 6750)
///     Sec-WebSocket-Protocol: enxame, bearer.TOKEN             of a WebSocket
///
/// the second because pages cannot set fields of a WebSocket's handshake. Tokens are compared by
/// their SHA-256, each of them and to its end, so that no time tells how much of one was right.
class Authentication {
 public:
  explicit Authentication(const AuthenticationOptions& options);

  /// Throws Error: 401 without a token that is known, 403 with one of the other role. Preflights
  /// (OPTIONS), with which browsers send no token, may always come.
  void check(const Request& request) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Token {
    Digest digest;
    Role role;
  };

  static Digest digest_of(std::string_view token);
  void add(const std::vector<std::string>& tokens, Role role);

  std::function<Role(const Request&)> role_of_;
  std::vector<Token> tokens_;
};

}  // namespace enxame::http
