#include "load/arrivals/rate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace enxame::load {
namespace {

constexpr double kNsPerS = 1e9;

double in_ns(Duration time) { return static_cast<double>(time.count()); }

void require_rate(double per_s) {
  if (per_s >= kLowestRatePerS && per_s <= kHighestRatePerS) return;
  throw std::invalid_argument("a rate of " + std::to_string(per_s) +
                              " arrivals per second, expected 0.001 to 1000000");
}

void require_time(Duration time) {
  if (time > Duration::zero()) return;
  throw std::invalid_argument("a time of " + std::to_string(time.count()) +
                              " ns, expected more than 0");
}

class Constant : public Rate {
 public:
  explicit Constant(double per_s) : gap_ns_(kNsPerS / per_s) { require_rate(per_s); }

  double arrivals_by(double ns) const override { return ns / gap_ns_; }
  double time_ns_of(double arrivals) const override { return arrivals * gap_ns_; }

 private:
  double gap_ns_;
};

/// The rate rises by 2k a nanosecond: after t there were from·t + k·t² arrivals.
class Ramp : public Rate {
 public:
  Ramp(double from_per_s, double to_per_s, Duration time)
      : from_(from_per_s / kNsPerS),
        to_(to_per_s / kNsPerS),
        time_ns_(in_ns(time)),
        k_((to_ - from_) / (2 * time_ns_)) {
    if (from_per_s != 0) require_rate(from_per_s);
    require_rate(to_per_s);
    require_time(time);
  }

  double arrivals_by(double ns) const override {
    const double ramped = std::min(ns, time_ns_);
    return (from_ + k_ * ramped) * ramped + to_ * (ns - ramped);
  }

  double time_ns_of(double arrivals) const override {
    const double ramped = arrivals_by(time_ns_);
    if (arrivals >= ramped) return time_ns_ + (arrivals - ramped) / to_;
    if (arrivals <= 0) return 0;
    // The root of k·t² + from·t − arrivals in the form that loses no digits where k is small.
    return 2 * arrivals / (from_ + std::sqrt(from_ * from_ + 4 * k_ * arrivals));
  }

 private:
  double from_;
  double to_;
  double time_ns_;
  double k_;
};

class Pause : public Rate {
 public:
  double arrivals_by(double) const override { return 0; }
  double time_ns_of(double) const override { return std::numeric_limits<double>::infinity(); }
};

class Step : public Rate {
 public:
  Step(RatePtr before, Duration time, RatePtr after)
      : before_(std::move(before)),
        time_ns_(in_ns(time)),
        arrivals_before_(before_->arrivals_by(time_ns_)),
        after_(std::move(after)) {
    require_time(time);
  }

  double arrivals_by(double ns) const override {
    if (ns < time_ns_) return before_->arrivals_by(ns);
    return arrivals_before_ + after_->arrivals_by(ns - time_ns_);
  }

  double time_ns_of(double arrivals) const override {
    if (arrivals < arrivals_before_) return before_->time_ns_of(arrivals);
    return time_ns_ + after_->time_ns_of(arrivals - arrivals_before_);
  }

 private:
  RatePtr before_;
  double time_ns_;
  double arrivals_before_;
  RatePtr after_;
};

class Repeat : public Rate {
 public:
  Repeat(RatePtr rate, Duration period)
      : rate_(std::move(rate)),
        period_ns_(in_ns(period)),
        arrivals_(rate_->arrivals_by(period_ns_)) {
    require_time(period);
    if (arrivals_ <= 0) throw std::invalid_argument("a period without arrivals, repeated for ever");
  }

  double arrivals_by(double ns) const override {
    const double periods = std::floor(ns / period_ns_);
    return periods * arrivals_ + rate_->arrivals_by(ns - periods * period_ns_);
  }

  double time_ns_of(double arrivals) const override {
    const double periods = std::floor(arrivals / arrivals_);
    return periods * period_ns_ + rate_->time_ns_of(arrivals - periods * arrivals_);
  }

 private:
  RatePtr rate_;
  double period_ns_;
  double arrivals_;  // of one period
};

}  // namespace

RatePtr constant(double per_s) { return std::make_shared<Constant>(per_s); }

RatePtr ramp(double from_per_s, double to_per_s, Duration time) {
  return std::make_shared<Ramp>(from_per_s, to_per_s, time);
}

RatePtr step(RatePtr before, Duration time, RatePtr after) {
  return std::make_shared<Step>(std::move(before), time, std::move(after));
}

RatePtr start_at(Duration time, RatePtr rate) {
  return step(std::make_shared<Pause>(), time, std::move(rate));
}

RatePtr repeat(RatePtr rate, Duration period) {
  return std::make_shared<Repeat>(std::move(rate), period);
}

RatePtr burst(RatePtr inside, Duration length, RatePtr between, Duration period) {
  if (length >= period) {
    throw std::invalid_argument("a burst of " + std::to_string(length.count()) +
                                " ns, expected less than its period of " +
                                std::to_string(period.count()) + " ns");
  }
  return repeat(step(std::move(inside), length, std::move(between)), period);
}

}  // namespace enxame::load
