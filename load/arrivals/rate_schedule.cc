#include "load/arrivals/rate_schedule.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace enxame::load {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// A number of 0 or more.
std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

/// All of them, or nothing.
std::optional<std::vector<double>> numbers(const std::vector<std::string_view>& texts) {
  std::vector<double> values;
  for (const std::string_view text : texts) {
    const auto value = number(text);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

Duration seconds(double s) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(s));
}

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

RateSchedule RateSchedule::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (text == "constant") return RateSchedule(Constant{});
  if (const auto values = numbers(split(rest, kind == "step" ? ',' : ':'))) {
    const std::vector<double>& v = *values;
    if (kind == "ramp" && v.size() == 2 && v[1] > 0) return RateSchedule(Ramp{v[0], v[1]});
    const bool all_arrive = std::ranges::all_of(v, [](double value) { return value > 0; });
    if (kind == "step" && all_arrive) return RateSchedule(Steps{v});
    if (kind == "burst" && v.size() == 4 && all_arrive && v[3] < v[2]) {
      return RateSchedule(Bursts{v[0], v[1], seconds(v[2]), seconds(v[3])});
    }
  }
  throw std::invalid_argument(
      "\"" + std::string(text) +
      "\" is not a valid schedule; expected constant, ramp:FROM:TO, step:A,B,… or "
      "burst:BASE:PEAK:EVERY:FOR, multiples of the rate above 0, and of a burst seconds, FOR below "
      "EVERY");
}

RatePtr RateSchedule::over(double per_s, Duration lead_in, Duration window) const {
  RatePtr scheduled = within(per_s, window);
  if (lead_in == Duration::zero()) return scheduled;
  const double first = first_multiple();
  if (first == 0) return start_at(lead_in, std::move(scheduled));
  return step(constant(first * per_s), lead_in, std::move(scheduled));
}

RatePtr RateSchedule::within(double per_s, Duration window) const {
  return std::visit(
      Overloaded{[&](const Constant&) { return constant(per_s); },
                 [&](const Ramp& of) { return ramp(of.from * per_s, of.to * per_s, window); },
                 [&](const Steps& of) {
                   const Duration each = window / static_cast<Duration::rep>(of.multiples.size());
                   RatePtr rate = constant(of.multiples.back() * per_s);
                   for (std::size_t i = of.multiples.size() - 1; i > 0; --i) {
                     rate = step(constant(of.multiples[i - 1] * per_s), each, std::move(rate));
                   }
                   return rate;
                 },
                 [&](const Bursts& of) {
                   return repeat(step(constant(of.base * per_s), of.every - of.length,
                                      constant(of.peak * per_s)),
                                 of.every);
                 }},
      kind_);
}

double RateSchedule::first_multiple() const {
  return std::visit(
      Overloaded{[](const Constant&) { return 1.0; }, [](const Ramp& of) { return of.from; },
                 [](const Steps& of) { return of.multiples.front(); },
                 [](const Bursts& of) { return of.base; }},
      kind_);
}

}  // namespace enxame::load
