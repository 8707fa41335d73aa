#pragma once

#include <Poco/Net/ServerSocket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "net/refusals.h"
#include "net/stream.h"
#include "net/system.h"

namespace enxame::net {

/// The server's end of one connection.
class Session {
 public:
  virtual ~Session() = default;

  /// To the connection's end, on a thread of its own. What it throws is told to Service::failed().
  virtual void serve() = 0;

  /// Called by another thread when the server drains: ends the connection where it waits for its
  /// peer, and lets it finish what it has.
  virtual void end_if_idle() noexcept = 0;

  /// Called by another thread: ends the connection wherever it is.
  virtual void abort() noexcept = 0;
};

/// Why a connection is not served.
enum class Refusal { full, no_threads, no_descriptors, draining };

/// "all 64 connections are taken (--max-connections)": what whoever is turned away is told.
std::string reason_of(Refusal refusal, std::size_t max_connections);

/// What is done with the connections that an Acceptor accepts.
class Service {
 public:
  virtual ~Service() = default;

  /// The session of a connection that has a place; called on its thread. `peer` is the client's
  /// address, of IPv6 its network.
  virtual std::unique_ptr<Session> open(Stream stream, const std::string& peer) = 0;

  /// The session of which a newcomer gets the place when all are taken; null where it gets none.
  /// From then on the session is about to end. `sessions` are those of open() that have a place;
  /// they stay until this returns.
  virtual Session* evict_for(std::span<Session* const> sessions, std::string_view peer) = 0;

  /// A connection is turned away; returns the bytes that say so.
  virtual std::string turn_away(Refusal reason, std::string_view peer) = 0;

  /// A session was not begun, or ended with an exception.
  virtual void failed(const std::exception& error, std::string_view peer) noexcept = 0;

  /// A connection has got a place, and has given it back.
  virtual void opened() noexcept = 0;
  virtual void closed() noexcept = 0;

  /// Called now and then between connections.
  virtual void look_after() = 0;
};

/// Listens, and gives each connection that it accepts a thread, up to a number of them; a
/// connection beyond it gets the place of another or is told why it has none.
class Acceptor {
 public:
  struct Options {
    std::string listen;  ///< see listen_at()
    std::uint16_t port = 0;
    std::size_t max_sessions = 1;
    std::size_t stack_bytes = 0;  ///< of a session's thread; 0: as the system has it
  };

  /// Binds and listens; throws as listen_at() does. `service` must outlive end().
  Acceptor(Options options, Service& service);
  ~Acceptor() { end(); }
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  /// Accepts from now on.
  void start();

  std::uint16_t port() const { return port_; }
  bool draining() const { return draining_; }

  /// Readable from when it drains.
  int wake_fd() const { return wake_.get(); }

  /// Stops accepting, has sessions end when they are idle, waits for them for up to `patience`, and
  /// aborts those that are left. Returns whether none was. Idempotent.
  bool drain(std::chrono::milliseconds patience);

  /// Drains without patience and returns when the last session has ended.
  void end();

 private:
  class Enlisted;

  void accept_until_draining();
  void accept_pending(Refusals& refusals);
  void accept_from(int listener, Refusals& refusals);
  void refuse_without_descriptor(int listener, Refusals& refusals);
  void admit(int fd, const std::string& peer, Refusals& refusals);
  bool take_place(const std::string& peer);
  bool evict_for(const std::string& peer);
  bool start_thread(int fd, const std::string& peer);
  void serve(int fd, const std::string& peer);
  void end_serving(bool was_evicted);

  const Options options_;
  Service& service_;
  std::vector<Poco::Net::ServerSocket> listeners_;
  const std::uint16_t port_;
  Descriptor wake_;
  Descriptor spare_;  // given up for a moment when there is no other descriptor left
  std::atomic<bool> draining_ = false;
  std::thread thread_;
  std::mutex drain_mutex_;

  std::mutex mutex_;
  std::condition_variable all_gone_;
  bool aborting_ = false;
  std::size_t serving_ = 0;  // threads; those of evicted sessions have no place any more
  std::unordered_set<Session*> sessions_;
  std::unordered_set<Session*> evicted_;  // of them
  std::size_t without_place_ = 0;         // threads whose session was evicted
};

}  // namespace enxame::net
