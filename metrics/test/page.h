#pragma once

#include <stdexcept>
#include <string>

namespace enxame::metrics {

/// The value of one series of a page, named with its labels: `a_total{state="done"}`. Throws
/// std::runtime_error, naming the series, when the page has none of that name.
inline double value_of(const std::string& page, const std::string& series) {
  const std::size_t line = ("\n" + page).find("\n" + series + " ");
  if (line == std::string::npos) throw std::runtime_error("the page has no " + series);
  return std::stod(page.substr(line + series.size() + 1));
}

}  // namespace enxame::metrics
