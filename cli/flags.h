#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace enxame::cli {

/// A command line that does not fit the program's flags. The message quotes what was given and says
/// what was expected.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads a whole number in [min, max]. Throws UsageError for anything else.
std::int64_t parse_integer(std::string_view text, std::int64_t min, std::int64_t max);

/// Reads a decimal number in [min, max]. Throws UsageError for anything else.
double parse_number(std::string_view text, double min, double max);

/// Reads bytes, at least `min`: "4096", "64KiB", "256MiB", "1GiB" (also k, M, G; always powers of
/// 1024). Throws UsageError.
std::size_t parse_bytes(std::string_view text, std::size_t min = 0);

/// "256MiB": the largest unit that divides `bytes`.
std::string format_bytes(std::size_t bytes);

/// Reads a duration that is not negative, with its unit: "250ms", "2.5s", "1m". A bare number would
/// be taken for another unit than it was meant in. Throws UsageError.
std::chrono::milliseconds parse_duration(std::string_view text);

/// Reads an address or name to listen on; an IPv6 address with or without brackets, which are taken
/// off. Throws UsageError.
std::string parse_listen_host(std::string_view text);

/// "250ms", "30s" or "2m": the largest unit that divides `duration`.
std::string format_duration(std::chrono::milliseconds duration);

/// What a command line asks a program for.
enum class Request { run, help, version };

/// The flags of one program. Each is bound to a variable, whose value when it is declared is the
/// default; parse() writes what the command line says into the variables. Values are given as
/// `--flag value` or `--flag=value`. The bound variables must outlive the Flags.
class Flags {
 public:
  /// `program` is the name of the program, `summary` one sentence that says what it does.
  Flags(std::string program, std::string summary);

  /// Any text that is not empty. `placeholder` stands for the value in the help: "DIR".
  void text(std::string name, std::string& value, std::string placeholder, std::string help);

  /// A whole number in [min, max].
  template <std::integral T>
  void integer(std::string name, T& value, T min, T max, std::string help) {
    add({std::move(name), "N", std::move(help), std::to_string(value),
         [&value, min, max](std::string_view given) {
           value = static_cast<T>(parse_integer(given, static_cast<std::int64_t>(min),
                                                static_cast<std::int64_t>(max)));
         }});
  }

  /// A whole number in [min, max] that is nothing unless it is given.
  template <std::integral T>
  void integer(std::string name, std::optional<T>& value, T min, T max, std::string help) {
    add({std::move(name), "N", std::move(help), "", [&value, min, max](std::string_view given) {
           value = static_cast<T>(parse_integer(given, static_cast<std::int64_t>(min),
                                                static_cast<std::int64_t>(max)));
         }});
  }

  /// A decimal number in [min, max].
  void number(std::string name, double& value, double min, double max, std::string help);

  /// A duration of at least `min`. More exact than the variable can hold is refused.
  template <typename Rep, typename Period>
  void duration(std::string name, std::chrono::duration<Rep, Period>& value, std::string help,
                std::chrono::duration<Rep, Period> min = {}) {
    using Unit = std::chrono::duration<Rep, Period>;
    using std::chrono::milliseconds;
    add({std::move(name), "TIME", std::move(help), format_duration(value),
         [&value, min](std::string_view given) {
           const milliseconds parsed = parse_duration(given);
           if (parsed < min) refuse(given, "at least " + format_duration(min));
           value = std::chrono::duration_cast<Unit>(parsed);
           if (value != parsed) refuse(given, "whole " + format_duration(Unit{1}) + " steps");
         }});
  }

  /// A number of bytes, at least `min`: "64MiB".
  void bytes(std::string name, std::size_t& value, std::string help, std::size_t min = 0);

  /// An address or name to listen on: "127.0.0.1", "::1", "[::1]".
  void listen_host(std::string name, std::string& value, std::string help);

  /// What `parse` reads from a string_view; it throws a std::exception that says what was expected.
  template <typename T, typename Parse>
  void parsed(std::string name, T& value, Parse parse, std::string placeholder, std::string help) {
    add({std::move(name), std::move(placeholder), std::move(help), "",
         [&value, parse](std::string_view given) { value = parse(given); }});
  }

  /// A flag that may be given more than once, each time with one more value. `parse_item` as for
  /// list().
  template <typename T, typename Parse>
  void repeated(std::string name, std::vector<T>& values, Parse parse_item, std::string placeholder,
                std::string help) {
    add({std::move(name), std::move(placeholder), std::move(help), "",
         [&values, parse_item](std::string_view given) { values.push_back(parse_item(given)); },
         true});
  }

  /// One of `choices`, each written as `to_string(choice)` writes it.
  template <std::ranges::forward_range Choices>
  void choice(std::string name, std::ranges::range_value_t<Choices>& value, const Choices& choices,
              std::string help) {
    using Choice = std::ranges::range_value_t<Choices>;
    std::vector<std::pair<std::string, Choice>> named;
    std::string names;
    for (const Choice& one : choices) {
      named.emplace_back(std::string(to_string(one)), one);
      names += (names.empty() ? "" : "|") + named.back().first;
    }
    const std::string before{to_string(value)};
    add({std::move(name), names, std::move(help), before,
         [&value, named, names](std::string_view given) {
           const auto found = std::ranges::find(
               named, given, [](const auto& n) -> std::string_view { return n.first; });
           if (found == named.end()) refuse(given, "one of " + names);
           value = found->second;
         }});
  }

  /// What `parse` reads, which throws a std::exception that says what was expected; `choices` names
  /// in the help what it may be. For what is costly to find out before it is asked for.
  template <typename Choice, typename Parse>
  void choice(std::string name, Choice& value, std::string choices, Parse parse, std::string help) {
    add({std::move(name), std::move(choices), std::move(help), std::string(to_string(value)),
         [&value, parse](std::string_view given) { value = parse(given); }});
  }

  /// A list separated by commas, at least one long. `parse_item` reads one item from a string_view
  /// and throws a std::exception that says what was expected; `placeholder` stands for one item in
  /// the help: "HOST:PORT".
  template <typename T, typename Parse>
  void list(std::string name, std::vector<T>& values, Parse parse_item,
            const std::string& placeholder, std::string help) {
    add({std::move(name), placeholder + ",…", std::move(help), "",
         [&values, parse_item](std::string_view given) {
           std::vector<T> items;
           for (const std::string_view item : split_list(given)) items.push_back(parse_item(item));
           values = std::move(items);
         }});
  }

  /// A flag without a value, that turns `value` to true.
  void toggle(std::string name, bool& value, std::string help);

  /// A command line worth showing in the help.
  void example(std::string command_line);

  /// Reads the command line. When it asks for help (`--help` or `-h`) or else for the version
  /// (`--version`), wherever that stands, the variables are unchanged. Throws UsageError for an
  /// unknown flag, a flag given twice, a value that does not fit, a missing value or an argument
  /// that is no flag.
  Request parse(int argc, const char* const* argv);

  /// Whether the last parsed command line had this flag.
  bool given(std::string_view name) const;

  /// What `--help` prints.
  std::string help() const;

  const std::string& program() const { return program_; }

 private:
  struct Flag {
    std::string name;
    std::string placeholder;  // empty for a toggle
    std::string help;
    std::string default_value;
    std::function<void(std::string_view)> read;
    bool repeats = false;
    bool given = false;
  };

  [[noreturn]] static void refuse(std::string_view given, const std::string& expected);
  static std::vector<std::string_view> split_list(std::string_view text);
  void add(Flag flag);
  Flag& find(std::string_view name);

  std::string program_;
  std::string summary_;
  std::vector<Flag> flags_;
  std::vector<std::string> examples_;
};

}  // namespace enxame::cli
