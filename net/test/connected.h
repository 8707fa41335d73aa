#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <utility>

#include "net/stream.h"

namespace enxame::net {

/// Both ends of a connection.
struct Connected {
  explicit Connected(Poco::Net::ServerSocket listener =
                         Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)))
      : near(Stream::connect("127.0.0.1", listener.address().port(), std::chrono::seconds(10))),
        far(listener.acceptConnection()) {}

  Stream near;
  Poco::Net::StreamSocket far;
};

}  // namespace enxame::net
