#include "cli/capabilities.h"

#include <cstdlib>
#include <iostream>

namespace enxame::cli {
namespace {

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list.append(list.empty() ? "[\"" : ",\"").append(name).append("\"");
  }
  return list.empty() ? "[]" : list + "]";
}

}  // namespace

std::string to_json(const Capabilities& capabilities) {
  return "{\"kernels\":" + list_of(capabilities.kernels) +
         ",\"codecs\":" + list_of(capabilities.codecs) +
         ",\"transports\":" + list_of(capabilities.transports) + "}";
}

void declare_capabilities(Flags& flags, bool& asked) {
  flags.toggle("capabilities", asked,
               "print the kernels, codecs and transports of this program as JSON and exit");
}

int print_capabilities(const Capabilities& capabilities) {
  std::cout << to_json(capabilities) << std::endl;
  return EXIT_SUCCESS;
}

}  // namespace enxame::cli
