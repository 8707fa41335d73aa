#include "cli/shutdown.h"

#include <pthread.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace enxame::cli {
namespace {

sigset_t shutdown_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

/// Runs in a thread that does not block the signal because it was there before main(), as those of
/// OpenBLAS are. Blocks it in that thread from now on and sends it again, for wait() to receive.
extern "C" void pass_on(int signal, siginfo_t*, void* context) {
  sigaddset(&static_cast<ucontext_t*>(context)->uc_sigmask, signal);
  kill(getpid(), signal);
}

void handle(int signal) {
  struct sigaction action = {};
  action.sa_sigaction = pass_on;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  action.sa_mask = shutdown_signals();
  if (sigaction(signal, &action, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot handle a signal");
  }
}

}  // namespace

Shutdown::Shutdown() {
  const sigset_t signals = shutdown_signals();
  if (const int error = pthread_sigmask(SIG_BLOCK, &signals, nullptr); error != 0) {
    throw std::system_error(error, std::generic_category(), "cannot block SIGTERM and SIGINT");
  }
  // Also where whoever started this program had them ignored, as shells do for what runs in the
  // background.
  handle(SIGTERM);
  handle(SIGINT);
  std::signal(SIGPIPE, SIG_IGN);
}

int Shutdown::wait() const {
  const sigset_t signals = shutdown_signals();
  int signal = 0;
  if (const int error = sigwait(&signals, &signal); error != 0) {
    throw std::system_error(error, std::generic_category(), "cannot wait for SIGTERM and SIGINT");
  }
  return signal;
}

}  // namespace enxame::cli
