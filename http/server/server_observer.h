#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace enxame::http {

/// One request that was answered, or refused with an error.
struct Exchange {
  std::string_view route;             ///< Request::route as the handler left it
  int status;                         ///< of the answer
  std::chrono::nanoseconds duration;  ///< from the request's first byte to the answer's last
  std::size_t received_bytes;         ///< head and body, and what came with them of the next one
  std::size_t sent_bytes;             ///< head and body
};

/// Is told what a server does, by many threads at a time, between a client's requests: what it does
/// with the news should be quick. Must not throw.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;

  /// A connection was taken on, or turned away because there was no place for it.
  virtual void opened() noexcept = 0;
  virtual void turned_away() noexcept = 0;
  /// A connection that was taken on is over.
  virtual void closed() noexcept = 0;
  /// An answer was written. One that could not be, because its client had gone, is not told.
  virtual void answered(const Exchange& exchange) noexcept = 0;
};

}  // namespace enxame::http
