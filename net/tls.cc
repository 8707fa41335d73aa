#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>
#include <system_error>

#include "net/secret_file.h"

namespace enxame::net {

namespace {

/// What OpenSSL has to say of this thread's last failure, of which it names the cause first; then
/// it forgets it.
std::string reason_of_failure() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

std::runtime_error cannot_use(const std::string& what, const std::string& file) {
  return std::runtime_error("cannot use " + what + " in " + file + ": " + reason_of_failure());
}

/// OpenSSL has no word for a file that cannot be read.
void expect_file(const std::string& what, const std::string& file) {
  ERR_clear_error();
  if (access(file.c_str(), R_OK) == 0) return;
  throw std::runtime_error("cannot read " + what + " in " + file + ": " +
                           std::generic_category().message(errno));
}

/// What server and client have in common.
std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (context == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  return context;
}

/// Nobody is there to be asked.
int no_passphrase(char*, int, int, void*) { return 0; }

bool is_retried(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

}  // namespace

/// The socket as OpenSSL sees it. Its own would send a SIGPIPE, and wait where the socket does.
struct Tls::Socket {
  int fd;
  bool ended = false;

  static Socket& of(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t sent =
        send(of(bio).fd, bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (is_retried(sent)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
  }

  static int read(BIO* bio, char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t received = recv(of(bio).fd, bytes, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (is_retried(received)) BIO_set_retry_read(bio);
    if (received == 0) of(bio).ended = true;
    return static_cast<int>(received);
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return of(bio).ended ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const shared = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
      if (made == nullptr) throw std::bad_alloc();
      BIO_meth_set_write(made, write);
      BIO_meth_set_read(made, read);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return shared;
  }
};

TlsServer::TlsServer(const std::string& certificate_file, const std::string& key_file)
    : context_(make_context(TLS_server_method())) {
  SSL_CTX* const context = context_.get();
  // Requests say their length, so that an end without a farewell cuts off nothing unseen.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  expect_file("the certificate", certificate_file);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    throw cannot_use("the certificate", certificate_file);
  }
  refuse_open_file(key_file, "the private key");
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw cannot_use("the private key", key_file);
  }
}

TlsClient::TlsClient(const std::string& authorities_file)
    : context_(make_context(TLS_client_method())) {
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (authorities_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  expect_file("the authorities", authorities_file);
  if (SSL_CTX_load_verify_locations(context, authorities_file.c_str(), nullptr) != 1) {
    throw cannot_use("the authorities", authorities_file);
  }
}

Tls::Tls(ssl_ctx_st* context, int fd) : socket_(new Socket{fd}), ssl_(SSL_new(context), SSL_free) {
  BIO* const bio = ssl_ == nullptr ? nullptr : BIO_new(Socket::method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, socket_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // owns it
}

Tls::Tls(const TlsServer& server, int fd) : Tls(server.context_.get(), fd) {
  SSL_set_accept_state(ssl_.get());
}

Tls::Tls(const TlsClient& client, const std::string& host, int fd)
    : Tls(client.context_.get(), fd) {
  SSL_set_connect_state(ssl_.get());
  const bool is_address =
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1;
  if (is_address) return;
  SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
  if (SSL_set1_host(ssl_.get(), host.c_str()) != 1) throw std::bad_alloc();
}

Tls::~Tls() = default;

Tls::Step Tls::shake_hands() {
  ERR_clear_error();
  return step_of(SSL_do_handshake(ssl_.get()), 0);
}

Tls::Step Tls::read(char* out, std::size_t size) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), out, size, &bytes);
  return step_of(result, bytes);
}

Tls::Step Tls::write(std::span<const iovec> pieces) {
  // Small pieces share a record.
  std::array<char, SSL3_RT_MAX_PLAIN_LENGTH> record;
  const void* from = pieces.front().iov_base;
  std::size_t size = pieces.front().iov_len;
  if (size < record.size() && pieces.size() > 1) {
    size = 0;
    for (const iovec& piece : pieces) {
      const std::size_t count = std::min(piece.iov_len, record.size() - size);
      std::memcpy(record.data() + size, piece.iov_base, count);
      size += count;
    }
    from = record.data();
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_write_ex(ssl_.get(), from, size, &bytes);
  const Step step = step_of(result, bytes);
  if (step.awaits == 0 && step.bytes == 0) throw ConnectionError("the peer takes nothing more");
  return step;
}

bool Tls::has_pending() const { return SSL_pending(ssl_.get()) > 0; }

void Tls::end_writing() noexcept {
  if (SSL_is_init_finished(ssl_.get()) != 1) return;
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

Tls::Step Tls::step_of(int result, std::size_t bytes) {
  const int error_number = errno;
  if (result == 1) return {.bytes = bytes};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.awaits = POLLIN};
    case SSL_ERROR_WANT_WRITE:
      return {.awaits = POLLOUT};
    case SSL_ERROR_ZERO_RETURN:
      if (SSL_is_init_finished(ssl_.get()) == 1) return {};
      throw ConnectionError("the peer ended the connection before it spoke TLS");
    case SSL_ERROR_SYSCALL:
      throw ConnectionError(std::generic_category().message(error_number));
    default:
      if (const unsigned long error = ERR_peek_error();
          ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST) {
        ERR_clear_error();
        throw PlainHttp("the peer speaks plain HTTP, expected TLS");
      }
      if (const long verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK) {
        throw ConnectionError(std::string("the server's certificate is not believed: ") +
                              X509_verify_cert_error_string(verdict));
      }
      throw ConnectionError("TLS: " + reason_of_failure());
  }
}

}  // namespace enxame::net
