// stdio-worker: the worker that other programs start, as swarm-worker --engine does. See
// wasi_main.cc for the same under WASI.

#include <unistd.h>

#include <string>

#include "cli/capabilities.h"
#include "cli/flags.h"
#include "cli/program.h"
#include "matmul/kernel.h"
#include "worker/stdio/message_loop.h"

int main(int argc, char** argv) {
  using namespace enxame;
  Kernel kernel = best_kernel();
  bool asks_capabilities = false;
  cli::Flags flags("stdio-worker",
                   "Multiplies matrices for the program that starts it: messages on stdin, their "
                   "answers on stdout (docs/wire.md), until stdin ends.");
  flags.choice("kernel", kernel, kernel_choices(), parse_kernel, "multiply loop");
  cli::declare_capabilities(flags, asks_capabilities);
  flags.example("swarm-worker --coordinator http://127.0.0.1:8080 --engine 'stdio-worker'");
  return cli::run_program(flags, argc, argv, [&] {
    if (asks_capabilities) {
      return cli::print_capabilities({.kernels = cli::names_of(available_kernels()),
                                      .codecs = {"binary"},
                                      .transports = {"stdio"}});
    }
    worker::MessageLoop(STDIN_FILENO, STDOUT_FILENO, kernel).run();
    return 0;
  });
}
