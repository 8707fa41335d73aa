#include "http/server/refusal_log.h"

#include <exception>
#include <iostream>
#include <utility>

#include "http/text.h"

namespace enxame::http {

void write_to_stderr(std::string_view line) {
  // In one piece, so that the lines of two threads do not mix.
  std::cerr << std::string(line) + "\n" << std::flush;
}

void RefusalLog::tell(int status, std::string_view reason, std::string_view peer,
                      net::TimePoint now) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = windows_.try_emplace(status);
    Window& window = found->second;
    if (!is_new && now - window.began < kWindow) {
      ++window.counted;
      // The reason of a flood is the same each time, or may as well be.
      if (window.counted == 1) window.last = log_text(peer) + ": " + log_text(reason);
      return;
    }
    if (window.counted > 0) say_counted(status, window, now);
    window.began = now;
    write_("http: answered " + std::to_string(status) + " to " + log_text(peer) + ": " +
           log_text(reason));
  } catch (const std::exception&) {
    // A line less: there is nowhere to say so.
  }
}

void RefusalLog::flush(bool everything, net::TimePoint now) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    for (auto& [status, window] : windows_) {
      if (window.counted == 0 || (!everything && now - window.began < kWindow)) continue;
      say_counted(status, window, now);
    }
  } catch (const std::exception&) {
    // As above.
  }
}

void RefusalLog::say_counted(int status, Window& window, net::TimePoint now) {
  const auto passed = std::chrono::ceil<std::chrono::seconds>(now - window.began);
  write_("http: answered " + std::to_string(status) + " " + std::to_string(window.counted) +
         (window.counted == 1 ? " more time in " : " more times in ") +
         std::to_string(passed.count()) + " s, first to " + window.last);
  window.counted = 0;
  window.began = now;
}

}  // namespace enxame::http
