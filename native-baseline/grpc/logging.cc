#include "native-baseline/grpc/logging.h"

#include <grpc/support/log.h>

namespace enxame::rpc {

void keep_grpc_quiet() {
  gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace enxame::rpc
