#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/client/coordinator_matmul.h"
#include "http/client/client.h"
#include "http/connections.h"
#include "matmul/codec/codec.h"
#include "matmul/kernel.h"
#include "matmul/matmul.h"
#include "matmul/partition.h"
#include "native-baseline/rpc/worker_address.h"

namespace enxame::load {

class Client;

/// The client's side of one system: what is needed to reach it. ClientTraits::flags says which of
/// these a client reads.
struct SystemOptions {
  const Client* client;  ///< not null
  std::size_t workers = 1;
  Kernel kernel = Kernel::simd;
  std::vector<rpc::WorkerAddress> rpc_workers{};  ///< one for each worker
  std::string coordinator{};                      ///< "http://127.0.0.1:8080"
  std::string server{};                           ///< "http://127.0.0.1:8080"
  std::string token_file{};                       ///< see http::read_access_token()
  std::string authorities_file{};                 ///< see http::Identity
  Codec codec = Codec::json;
  coordinator::Collection collection = coordinator::Collection::long_poll;
  bool repeats = false;  ///< whether requests that were not answered are repeated
  http::Connections connections = http::Connections::kept;
  SplitKind split = SplitKind::none;  ///< into as many tiles as workers

  /// By what an HTTP client and its server know each other. Throws std::runtime_error for a file
  /// that has no token.
  http::Identity identity() const;

  /// Opens the client's side. Throws cli::UsageError when something is missing that it needs.
  std::unique_ptr<Matmul> open() const;

  /// How many workers name themselves in the products of this system: those that share a product
  /// are one.
  std::size_t named_workers() const;
};

/// What holds of a client, whatever it is told.
struct ClientTraits {
  std::string_view transport;           ///< as experiments/systems.yaml names it: "rest"
  std::vector<std::string_view> flags;  ///< those of SystemOptions that it reads: "kernel"
  bool names_workers = true;            ///< its products say which of the workers computed them
};

/// How the load generator reaches the workers of a system: the client of one transport. Clients
/// have no state; there is one object of each (load/clients/clients.h).
class Client {
 public:
  virtual ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const ClientTraits& traits() const { return traits_; }

  /// Whether it reads that flag.
  bool reads(std::string_view flag) const;

  /// Opens it. Throws cli::UsageError when `options` lacks what it needs.
  virtual std::unique_ptr<Matmul> open(const SystemOptions& options) const = 0;

 protected:
  explicit Client(ClientTraits traits) : traits_(std::move(traits)) {}

 private:
  const ClientTraits traits_;
};

/// The name of its transport, for the flag that chooses one.
inline std::string_view to_string(const Client* client) { return client->traits().transport; }

/// What a measurement repeats, workers do not recognise: its matrices stand for new ones.
inline constexpr bool kReuseOperands = false;

}  // namespace enxame::load
