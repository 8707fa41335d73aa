// stdio-worker.wasm: the worker for every runtime of WASI preview 1. It takes no arguments, so that
// it imports nothing but its descriptors, a clock and the way out.

#include <unistd.h>

#include "matmul/kernel.h"
#include "worker/stdio/message_loop.h"

int main() {
  enxame::worker::MessageLoop(STDIN_FILENO, STDOUT_FILENO, enxame::best_kernel()).run();
}
