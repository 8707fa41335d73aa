#pragma once

namespace enxame::cli {

/// Turns SIGTERM and SIGINT into an event that the main thread waits for, and makes a write to a
/// closed connection an error instead of a SIGPIPE. Make it first in main(), before any thread is
/// started: threads inherit the blocked signals.
class Shutdown {
 public:
  Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  /// Blocks until SIGTERM or SIGINT arrives and returns which; at once when one arrived since the
  /// construction.
  int wait() const;
};

}  // namespace enxame::cli
