#include "load/clients/rpc.h"

#include "cli/flags.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/proxy/transports.h"

namespace enxame::load {
namespace {

class RpcClient : public Client {
 public:
  explicit RpcClient(const rpc::Transport* transport)
      : Client({.transport = to_string(transport), .flags = {"rpc-workers", "split"}}),
        transport_(transport) {}

  std::unique_ptr<Matmul> open(const SystemOptions& options) const override {
    if (options.rpc_workers.size() != options.workers) {
      throw cli::UsageError("--transport " + std::string(traits().transport) + " with --workers " +
                            std::to_string(options.workers) +
                            " needs as many addresses in --rpc-workers, not " +
                            std::to_string(options.rpc_workers.size()));
    }
    return std::make_unique<native::MatmulProxy>(
        options.rpc_workers,
        native::ProxyOptions{
            .transport = transport_, .split = options.split, .reuse_operands = kReuseOperands});
  }

 private:
  const rpc::Transport* transport_;
};

}  // namespace

std::span<const Client* const> rpc_clients() {
  static const std::vector<std::unique_ptr<const Client>> made = [] {
    std::vector<std::unique_ptr<const Client>> list;
    for (const rpc::Transport* transport : native::transports()) {
      list.push_back(std::make_unique<RpcClient>(transport));
    }
    return list;
  }();
  static const std::vector<const Client*> all = [] {
    std::vector<const Client*> list;
    for (const auto& client : made) list.push_back(client.get());
    return list;
  }();
  return all;
}

}  // namespace enxame::load
