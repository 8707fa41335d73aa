#include "harness/load/systems.h"

#include <stdexcept>

#include "cli/flags.h"
#include "coordinator/client/coordinator_matmul.h"
#include "native-baseline/local_matmul.h"
#include "native-baseline/matmul_proxy.h"

namespace enxame::load {
namespace {

void require_rpc_workers(const SystemOptions& options) {
  if (options.rpc_workers.size() == options.workers) return;
  throw cli::UsageError("rpc-tcp with --workers " + std::to_string(options.workers) +
                        " needs as many addresses in --rpc-workers, not " +
                        std::to_string(options.rpc_workers.size()));
}

void require_coordinator(const SystemOptions& options) {
  if (!options.coordinator.empty()) return;
  throw cli::UsageError("rest-wasm needs --coordinator, such as http://127.0.0.1:8080");
}

}  // namespace

std::string_view to_string(System system) {
  switch (system) {
    case System::local:
      return "local";
    case System::rpc_tcp:
      return "rpc-tcp";
    case System::rest_wasm:
      return "rest-wasm";
  }
  throw std::logic_error("no such system");
}

std::unique_ptr<Matmul> open_system(const SystemOptions& options) {
  switch (options.system) {
    case System::local:
      return std::make_unique<LocalMatmul>(options.kernel, options.workers);
    case System::rpc_tcp:
      require_rpc_workers(options);
      return std::make_unique<MatmulProxy>(options.rpc_workers);
    case System::rest_wasm:
      require_coordinator(options);
      return std::make_unique<CoordinatorMatmul>(options.coordinator, options.codec);
  }
  throw std::logic_error("no such system");
}

std::size_t named_workers(const SystemOptions& options) {
  return options.system == System::local ? 1 : options.workers;
}

}  // namespace enxame::load
