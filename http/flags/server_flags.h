#pragma once

#include <cstddef>
#include <string>

#include "cli/flags.h"
#include "http/server/server.h"

namespace enxame::http {

/// The flags that every server has: where it listens and how, whose requests it answers, and what
/// they may take.
class ServerFlags {
 public:
  /// Who shows tokens.
  enum class Parties {
    clients,
    clients_and_workers,  ///< whose tokens are others
  };

  /// Declares them, with what `options` has as defaults; no body limit below `least_body_bytes` is
  /// taken. Both must outlive this.
  ServerFlags(cli::Flags& flags, ServerOptions& options, Parties parties,
              std::size_t least_body_bytes);
  ServerFlags(const ServerFlags&) = delete;
  ServerFlags& operator=(const ServerFlags&) = delete;

  /// Throws cli::UsageError for flags that do not go together.
  void check() const;

  /// Reads the tokens. Throws std::runtime_error as read_access_tokens() does, and where other
  /// machines can reach this server but there are no tokens, unless that is meant.
  void read_tokens();

 private:
  bool has_workers() const { return parties_ == Parties::clients_and_workers; }
  std::string token_flags(const std::string& placeholder) const;

  const cli::Flags& flags_;
  ServerOptions& options_;
  const Parties parties_;
  std::string client_tokens_;
  std::string worker_tokens_;
  bool no_tokens_ = false;
};

}  // namespace enxame::http
