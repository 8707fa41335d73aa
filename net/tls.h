#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "net/connection_error.h"

// OpenSSL's, which only tls.cc sees.
struct ssl_ctx_st;
struct ssl_st;

namespace enxame::net {

/// The peer speaks plain HTTP in place of TLS, and can be told so in it.
class PlainHttp : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

/// The certificate of a server that speaks TLS (1.2 and 1.3), and its private key.
class TlsServer {
 public:
  /// Both files are PEM, the first with the chain behind the certificate. Throws
  /// std::runtime_error, which names the file and the reason: also for a key that everybody may
  /// read, that asks for a passphrase, or that is another certificate's.
  TlsServer(const std::string& certificate_file, const std::string& key_file);

 private:
  friend class Tls;

  std::shared_ptr<ssl_ctx_st> context_;
};

/// Whose certificates a client of servers that speak TLS believes.
class TlsClient {
 public:
  /// Those of the authorities in a PEM file; of the system's where it is empty. Throws
  /// std::runtime_error, which names the file and the reason.
  explicit TlsClient(const std::string& authorities_file);

 private:
  friend class Tls;

  std::shared_ptr<ssl_ctx_st> context_;
};

/// The TLS of one connection: encrypts what is written to a socket, decrypts what is read. Waits
/// for nothing: a step that cannot be done now says for what to wait. One thread uses it.
class Tls {
 public:
  /// One end of the connection behind `fd`, which must outlive this. `host` is the name or address
  /// (without brackets) for which the server's certificate has to be.
  Tls(const TlsServer& server, int fd);
  Tls(const TlsClient& client, const std::string& host, int fd);
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls();

  struct Step {
    std::size_t bytes = 0;  ///< that have moved; of read(), 0: the peer has ended its side
    short awaits = 0;       ///< POLLIN or POLLOUT, before the step can be done; 0: it is done
  };

  // Each throws ConnectionError when the connection breaks, or the peer does not speak TLS, or
  // shows no certificate that is believed.

  Step shake_hands();
  Step read(char* out, std::size_t size);
  /// Writes something of the pieces. A step that was not done has to be repeated with the same.
  Step write(std::span<const iovec> pieces);

  /// Whether there is something to read that no longer is in the socket.
  bool has_pending() const;

  /// Tells the peer that nothing more comes, if that can be done at once.
  void end_writing() noexcept;

 private:
  struct Socket;

  Tls(ssl_ctx_st* context, int fd);
  Step step_of(int result, std::size_t bytes);

  std::unique_ptr<Socket> socket_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

}  // namespace enxame::net
