#include "cli/flags.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <system_error>

namespace enxame::cli {
namespace {

using std::chrono::milliseconds;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

template <typename T>
std::optional<T> from_text(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string format_number(double value) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

/// Splits "2.5s" into "2.5" and "s".
std::pair<std::string_view, std::string_view> split_unit(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  return {text.substr(0, digits), text.substr(digits)};
}

std::optional<std::size_t> byte_unit(std::string_view unit) {
  if (unit.empty() || unit == "B") return 1;
  if (unit == "k" || unit == "K" || unit == "KiB") return std::size_t{1} << 10;
  if (unit == "M" || unit == "MiB") return std::size_t{1} << 20;
  if (unit == "G" || unit == "GiB") return std::size_t{1} << 30;
  return std::nullopt;
}

std::optional<milliseconds> duration_unit(std::string_view unit) {
  if (unit == "ms") return milliseconds{1};
  if (unit == "s") return std::chrono::seconds{1};
  if (unit == "m" || unit == "min") return std::chrono::minutes{1};
  return std::nullopt;
}

/// Levenshtein distance: the fewest insertions, deletions and replacements that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// Columns that a text fills; every character is one wide.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::int64_t parse_integer(std::string_view text, std::int64_t min, std::int64_t max) {
  const auto value = from_text<std::int64_t>(text);
  if (!value || *value < min || *value > max) {
    throw UsageError(quoted(text) + " is not a whole number from " + std::to_string(min) + " to " +
                     std::to_string(max));
  }
  return *value;
}

double parse_number(std::string_view text, double min, double max) {
  const auto value = from_text<double>(text);
  if (!value || !(*value >= min && *value <= max)) {
    throw UsageError(quoted(text) + " is not a number from " + format_number(min) + " to " +
                     format_number(max));
  }
  return *value;
}

std::size_t parse_bytes(std::string_view text, std::size_t min) {
  const auto [digits, unit] = split_unit(text);
  const auto count = from_text<std::size_t>(digits);
  const auto scale = byte_unit(unit);
  if (!count || !scale || *count > std::numeric_limits<std::size_t>::max() / *scale) {
    throw UsageError(quoted(text) +
                     " is not a number of bytes such as 4096, 64KiB, 256MiB or 1GiB");
  }
  if (*count * *scale < min) {
    throw UsageError(quoted(text) + " is too little, expected at least " + format_bytes(min));
  }
  return *count * *scale;
}

std::string format_bytes(std::size_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits{"", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && bytes != 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + std::string(kUnits[unit]);
}

milliseconds parse_duration(std::string_view text) {
  constexpr double kLongest = 365.0 * 24 * 3600 * 1000;
  const auto [digits, unit] = split_unit(text);
  const auto count = from_text<double>(digits);
  if (count && unit.empty()) {
    throw UsageError(quoted(text) + " has no unit, expected " + std::string(digits) + "s, " +
                     std::string(digits) + "ms or " + std::string(digits) + "m");
  }
  const auto scale = duration_unit(unit);
  const double total = count && scale ? *count * static_cast<double>(scale->count()) : -1;
  if (total < 0 || total > kLongest || total != std::floor(total)) {
    throw UsageError(quoted(text) + " is not a duration such as 250ms, 2.5s or 1m");
  }
  return milliseconds{static_cast<milliseconds::rep>(total)};
}

std::string parse_listen_host(std::string_view text) {
  std::string_view host = text;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) host = {};
  }
  // One colon is a port's; an IPv6 address has more.
  const bool has_port = std::ranges::count(host, ':') == 1;
  if (host.empty() || has_port || host.find_first_of("[]/@ ") != std::string_view::npos) {
    throw UsageError(quoted(text) +
                     " is not an address or a name such as 127.0.0.1, ::1 or localhost"
                     " (the port is --port)");
  }
  return std::string(host);
}

std::string format_duration(milliseconds duration) {
  const auto count = duration.count();
  if (count == 0 || count % 1000 != 0) return std::to_string(count) + "ms";
  if (count % 60'000 != 0) return std::to_string(count / 1000) + "s";
  return std::to_string(count / 60'000) + "m";
}

Flags::Flags(std::string program, std::string summary)
    : program_(std::move(program)), summary_(std::move(summary)) {}

void Flags::add(Flag flag) { flags_.push_back(std::move(flag)); }

void Flags::refuse(std::string_view given, const std::string& expected) {
  throw UsageError(quoted(given) + " is not " + expected);
}

void Flags::text(std::string name, std::string& value, std::string placeholder, std::string help) {
  add({std::move(name), std::move(placeholder), std::move(help), value,
       [&value](std::string_view given) {
         if (given.empty()) refuse(given, "allowed: a value is expected");
         value = given;
       }});
}

void Flags::number(std::string name, double& value, double min, double max, std::string help) {
  add({std::move(name), "X", std::move(help), format_number(value),
       [&value, min, max](std::string_view given) { value = parse_number(given, min, max); }});
}

void Flags::bytes(std::string name, std::size_t& value, std::string help, std::size_t min) {
  add({std::move(name), "BYTES", std::move(help), format_bytes(value),
       [&value, min](std::string_view given) { value = parse_bytes(given, min); }});
}

void Flags::listen_host(std::string name, std::string& value, std::string help) {
  add({std::move(name), "HOST", std::move(help), value,
       [&value](std::string_view given) { value = parse_listen_host(given); }});
}

void Flags::toggle(std::string name, bool& value, std::string help) {
  add({std::move(name), "", std::move(help), "", [&value](std::string_view) { value = true; }});
}

void Flags::example(std::string command_line) { examples_.push_back(std::move(command_line)); }

std::vector<std::string_view> Flags::split_list(std::string_view text) {
  std::vector<std::string_view> items;
  for (std::size_t from = 0, comma = 0; comma != std::string_view::npos; from = comma + 1) {
    comma = text.find(',', from);
    items.push_back(text.substr(from, comma == std::string_view::npos ? comma : comma - from));
  }
  return items;
}

Flags::Flag& Flags::find(std::string_view name) {
  const auto found = std::ranges::find(flags_, name, &Flag::name);
  if (found != flags_.end()) return *found;
  std::string message = "unknown flag --" + std::string(name);
  const auto closest = std::ranges::min_element(
      flags_, {}, [name](const Flag& flag) { return edit_distance(name, flag.name); });
  if (closest != flags_.end() &&
      edit_distance(name, closest->name) <= std::max<std::size_t>(2, name.size() / 3)) {
    message += ", did you mean --" + closest->name + "?";
  }
  throw UsageError(message);
}

Request Flags::parse(int argc, const char* const* argv) {
  const std::vector<std::string_view> args(argv + std::min(argc, 1), argv + argc);
  if (std::ranges::any_of(args, [](auto arg) { return arg == "--help" || arg == "-h"; }))
    return Request::help;
  if (std::ranges::find(args, "--version") != args.end()) return Request::version;
  for (Flag& flag : flags_) flag.given = false;
  for (auto arg = args.begin(); arg != args.end(); ++arg) {
    if (!arg->starts_with("--") || arg->size() == 2) {
      throw UsageError("unexpected argument " + quoted(*arg) + ", flags start with --");
    }
    const std::size_t equals = arg->find('=');
    const bool attached = equals != std::string_view::npos;
    Flag& flag = find(arg->substr(2, attached ? equals - 2 : equals));
    if (std::exchange(flag.given, true) && !flag.repeats)
      throw UsageError("--" + flag.name + " is given twice");
    if (flag.placeholder.empty()) {
      if (attached) throw UsageError("--" + flag.name + " takes no value");
      flag.read({});
      continue;
    }
    if (!attached && std::next(arg) == args.end()) {
      throw UsageError("--" + flag.name + " needs a value: " + flag.placeholder);
    }
    const std::string_view value = attached ? arg->substr(equals + 1) : *++arg;
    try {
      flag.read(value);
    } catch (const std::exception& error) {
      throw UsageError("--" + flag.name + ": " + error.what());
    }
  }
  return Request::run;
}

bool Flags::given(std::string_view name) const {
  const auto found = std::ranges::find(flags_, name, &Flag::name);
  return found != flags_.end() && found->given;
}

std::string Flags::help() const {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Flag& flag : flags_) {
    lines.emplace_back(
        "--" + flag.name + (flag.placeholder.empty() ? "" : " " + flag.placeholder) +
            (flag.repeats ? " …" : ""),
        flag.help + (flag.default_value.empty() ? "" : " (default " + flag.default_value + ")"));
  }
  lines.emplace_back("--help", "print this and exit");
  lines.emplace_back("--version", "print the version and exit");
  std::size_t column = 0;
  for (const auto& [usage, help] : lines) column = std::max(column, width(usage));

  std::string text = "usage: " + program_ + " [flags]\n\n" + summary_ + "\n\nflags:\n";
  for (const auto& [usage, help] : lines) {
    text += "  " + usage + std::string(column - width(usage) + 2, ' ') + help + "\n";
  }
  if (!examples_.empty()) text += "\nexamples:\n";
  for (const std::string& one : examples_) text += "  " + one + "\n";
  return text;
}

}  // namespace enxame::cli
