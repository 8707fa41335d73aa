#pragma once

#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

#include "cli/flags.h"

namespace enxame::cli {

/// What a program can do, for those who start it: the names of its kernels, of the codecs in which
/// matrices travel, and of the transports that it speaks.
struct Capabilities {
  std::vector<std::string> kernels;
  std::vector<std::string> codecs;
  std::vector<std::string> transports;
};

inline std::string name_of(const std::string& name) { return name; }

/// As flags write it.
template <typename Choice>
std::string name_of(const Choice& choice) {
  return std::string(to_string(choice));
}

/// The names of `choices`, each once, in their order.
template <std::ranges::forward_range Choices>
std::vector<std::string> names_of(const Choices& choices) {
  std::vector<std::string> names;
  for (const auto& choice : choices) {
    std::string name{name_of(choice)};
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

/// {"kernels":["naive","simd"],"codecs":["json"],"transports":["tcp"]}, in one line. Names have no
/// character that JSON would want escaped.
std::string to_json(const Capabilities& capabilities);

/// The flag --capabilities, which sets `asked`: the program is then to print_capabilities() and do
/// nothing else.
void declare_capabilities(Flags& flags, bool& asked);

/// Prints them as JSON on stdout and returns the program's exit status, 0.
int print_capabilities(const Capabilities& capabilities);

}  // namespace enxame::cli
