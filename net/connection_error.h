#pragma once

#include <stdexcept>

namespace enxame::net {

/// A connection that failed: reset, or closed where more was expected.
class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A read or write that was not done by its deadline.
class TimedOut : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

}  // namespace enxame::net
