// stdio-worker.wasm: the worker for every runtime of WASI preview 1. It takes no arguments, so that
// it imports nothing but its descriptors, a clock and the way out.

#include <unistd.h>

#include "matmul/kernel.h"
#include "worker/stdio/message_loop.h"

using namespace enxame;

int main() { worker::MessageLoop(STDIN_FILENO, STDOUT_FILENO, best_kernel()).run(); }

/// For hosts that cannot have a program wait, as a browser's thread: answers one message, which is
/// all there. Returns whether there was one. What it keeps lasts for as long as the instance.
extern "C" __attribute__((export_name("answer_one"))) int answer_one() {
  static auto& loop = *new worker::MessageLoop(STDIN_FILENO, STDOUT_FILENO, best_kernel());
  return loop.answer_one() ? 1 : 0;
}
