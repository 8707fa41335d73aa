#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "matmul/codec.h"
#include "matmul/kernel.h"
#include "matmul/matmul.h"
#include "native-baseline/rpc/worker_address.h"

namespace enxame::load {

/// The systems under load, named as in experiments/systems.yaml.
enum class System {
  local,      ///< threads of this process
  rpc_tcp,    ///< native workers over TCP RPC
  rest_wasm,  ///< browser workers behind the coordinator's REST API
};

/// "local", "rpc-tcp" or "rest-wasm".
std::string_view to_string(System system);

/// The client's side of one system: what is needed to reach it.
struct SystemOptions {
  System system = System::local;
  std::size_t workers = 1;
  Kernel kernel = Kernel::simd;            ///< of `local`; remote workers have their own
  Codec codec = Codec::json;               ///< of `rest-wasm`
  std::vector<WorkerAddress> rpc_workers;  ///< of `rpc-tcp`, one for each worker
  std::string coordinator;                 ///< of `rest-wasm`: "http://127.0.0.1:8080"
};

/// Opens the client's side. Throws cli::UsageError when `options` lacks what the system needs.
std::unique_ptr<Matmul> open_system(const SystemOptions& options);

/// How many workers name themselves in the products of this system: the threads of `local` are one.
std::size_t named_workers(const SystemOptions& options);

}  // namespace enxame::load
