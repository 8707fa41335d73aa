#include "http/flags/server_flags.h"

#include <cstdint>
#include <limits>
#include <stdexcept>

#include "http/access_tokens.h"
#include "http/server/path_prefix.h"
#include "net/listening.h"

namespace enxame::http {

namespace {

// Less takes no body of more than a few numbers.
constexpr std::size_t kLeastInFlight = std::size_t{64} << 10;

}  // namespace

ServerFlags::ServerFlags(cli::Flags& flags, ServerOptions& options, Parties parties,
                         std::size_t least_body_bytes)
    : flags_(flags), options_(options), parties_(parties) {
  flags.listen_host("listen", options.listen,
                    "the address to listen on; localhost: 127.0.0.1 and, where there is IPv6, ::1");
  flags.integer<std::uint16_t>("port", options.port, 0, std::numeric_limits<std::uint16_t>::max(),
                               "0: any free port");
  flags.parsed("path-prefix", options.path_prefix, parse_path_prefix, "PATH",
               "answers only what is below, as if it were not there: for a proxy that passes on "
               "whole paths");
  flags.text("tls-certificate", options.tls_certificate_file, "FILE",
             "PEM file of the certificate and its chain: speaks TLS, and nothing else");
  flags.text("tls-key", options.tls_key_file, "FILE", "PEM file of the certificate's key");
  flags.text("client-tokens", client_tokens_, "FILE",
             "the tokens, one a line, of those who ask for work and look at it");
  if (has_workers()) flags.text("worker-tokens", worker_tokens_, "FILE", "the tokens of workers");
  flags.toggle("no-tokens", no_tokens_,
               "listens where other machines come from and asks for no token: a proxy or a "
               "firewall keeps strangers out");
  flags.repeated("allow-origin", options.access.origins, parse_allowed_origin, "ORIGIN",
                 "an origin whose pages may ask, besides this server's and localhost's; *: any");
  flags.repeated("allow-host", options.access.hosts, parse_allowed_host, "NAME",
                 "a name to answer under, besides localhost and the address listened on; *: any");
  flags.bytes("max-body", options.max_body_bytes, "the largest request body or message",
              least_body_bytes);
  flags.bytes("max-in-flight", options.max_in_flight_bytes,
              "memory for bodies and messages in transit, all together", kLeastInFlight);
  flags.integer<std::size_t>("max-connections", options.max_connections, 1, 65'536,
                             "how many connections are served at a time");
}

/// As a command line would have them.
std::string ServerFlags::token_flags(const std::string& placeholder) const {
  std::string words = "--client-tokens" + placeholder;
  if (has_workers()) words += " and --worker-tokens" + placeholder;
  return words;
}

void ServerFlags::check() const {
  const bool has_client_tokens = flags_.given("client-tokens");
  const bool has_worker_tokens = has_workers() && flags_.given("worker-tokens");
  if (no_tokens_ && (has_client_tokens || has_worker_tokens)) {
    throw cli::UsageError("--no-tokens does not go with " + token_flags(""));
  }
  if (has_workers() && has_client_tokens != has_worker_tokens) {
    throw cli::UsageError(token_flags("") + " go together, expected both or neither");
  }
  if (flags_.given("tls-certificate") != flags_.given("tls-key")) {
    throw cli::UsageError("--tls-certificate and --tls-key go together, expected both or neither");
  }
  if (flags_.given("max-body") && options_.max_body_bytes > options_.max_in_flight_bytes) {
    throw cli::UsageError("--max-body is " + cli::format_bytes(options_.max_body_bytes) +
                          ", more than all bodies may take together: --max-in-flight is " +
                          cli::format_bytes(options_.max_in_flight_bytes));
  }
}

void ServerFlags::read_tokens() {
  AuthenticationOptions& read = options_.authentication;
  if (flags_.given("client-tokens")) {
    read.client_tokens = read_access_tokens(client_tokens_);
  }
  if (has_workers() && flags_.given("worker-tokens")) {
    read.worker_tokens = read_access_tokens(worker_tokens_);
  }
  const bool has_tokens = !read.client_tokens.empty() || !read.worker_tokens.empty();
  if (has_tokens || no_tokens_ || net::is_for_this_machine(options_.listen)) return;
  throw std::runtime_error("other machines can reach " + options_.listen +
                           ", so strangers have to be kept out: give " + token_flags(" FILE") +
                           ", or --no-tokens where a proxy or a firewall does");
}

}  // namespace enxame::http
