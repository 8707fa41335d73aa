#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "load/arrivals/arrival_schedule.h"
#include "load/duration_histogram.h"
#include "load/sample.h"
#include "load/window.h"

namespace enxame::load {

/// A request of an open loop that is to be submitted.
struct Arrival {
  std::uint64_t number;   ///< from 0
  Clock::time_point due;  ///< its intended start
  Duration backlog{};     ///< how long after `due` a client set off with it
  Duration lateness{};    ///< the same where that client had been free by then, else zero
};

/// An arrival that was given up: by then nobody had taken it, or its client had no answer.
struct Unfinished {
  Arrival arrival;
  std::optional<std::size_t> client;  ///< who had it in flight
};

/// Gives the arrivals of a schedule to the clients of an open loop, in order.
///
/// There is no thread that would have to hand arrivals over: a free client takes the next one and
/// sleeps until it is due. A few clients do so at a time, each to a deadline of its own, so that
/// arrivals in a burst need not wait for each other's wake-ups; the others are parked and called,
/// last come first, when those become too few. So an arrival finds a client whose memory is still
/// in the caches. When all clients are busy it waits for the first that is free. Arrivals are made
/// when they are taken, so any number may wait without taking memory. Thread-safe.
class Dispatcher {
 public:
  /// `origin` is when the schedule begins, `window` the part of it that is measured, `clients` how
  /// many there are, numbered from 0.
  Dispatcher(ArrivalSchedule schedule, Clock::time_point origin, Window window,
             std::size_t clients);

  /// Blocks until the next arrival is due, which is then in flight at `client`. Nothing once the
  /// dispatcher has stopped.
  std::optional<Arrival> next(std::size_t client);

  /// The request of `client` has ended. Returns false when it had been given up before.
  bool finish(std::size_t client);

  /// Whether every arrival of the window has been taken and has ended.
  bool served() const;

  /// Whether nothing is in flight.
  bool idle() const;

  /// No arrival is handed out any more; clients that wait for one go home.
  void stop();

  /// Gives up what is in flight and returns it. To be called after stop().
  std::vector<Unfinished> abandon_in_flight();

  /// Gives up the next arrival of the window that was due before `now` and that nobody has taken.
  /// To be called after stop().
  std::optional<Unfinished> abandon_overdue(Clock::time_point now);

  /// Whether what this client had in flight was given up.
  bool abandoned(std::size_t client) const;

  /// How many of the window's arrivals have been taken or given up: after those, the offered load.
  std::uint64_t offered() const;

  /// Of the window's arrivals for which a client was free when they were due.
  DurationHistogram lateness() const;

 private:
  enum class Client { free, waiting, in_flight, abandoned };

  struct Slot {
    Client state = Client::free;
    Arrival arrival{};
    bool parked = false;
    std::condition_variable called{};
  };

  void wait_in_line(std::unique_lock<std::mutex>& lock, std::size_t client);
  void leave_line();
  bool owed(const Arrival& arrival, Clock::time_point now) const;
  Arrival take();

  const Clock::time_point origin_;
  const Window window_;
  mutable std::mutex mutex_;
  ArrivalSchedule schedule_;
  Arrival next_;
  std::vector<Slot> slots_;
  std::size_t in_line_ = 0;  // clients that wait for an arrival of theirs, or were called to
  std::vector<std::size_t> parked_;
  std::uint64_t offered_ = 0;
  DurationHistogram lateness_;
  bool stopped_ = false;
};

}  // namespace enxame::load
