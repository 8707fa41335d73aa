#include "native-baseline/grpc/library.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>

namespace enxame::rpc {

void prepare_grpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});
  [[maybe_unused]] static const bool is_kept = [] {
    grpc_init();
    return true;
  }();
}

}  // namespace enxame::rpc
