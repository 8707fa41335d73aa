#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace enxame {

/// A console reporter that also collects the rates of benchmarks named "GROUP/SUBJECT/DTYPE/N" from
/// their counter "GFLOP/s" and prints them as tables at the end: the median over the repetitions,
/// its ratio to the reference and its share of the roof.
class RateTable : public benchmark::ConsoleReporter {
 public:
  RateTable() : ConsoleReporter(OO_Tabular) {}

  /// Shows the medians only.
  void ReportRuns(const std::vector<Run>& runs) override;

  /// Prints one table per dtype and group, orders down and subjects across.
  void print(std::ostream& out) const;

 private:
  struct Group {
    std::vector<std::string> subjects;                                ///< in order of appearance
    std::map<std::string, std::map<int, std::vector<double>>> rates;  ///< by subject and order
  };
  using Key = std::pair<std::string, std::string>;  ///< dtype and group

  double roof(const std::string& dtype) const;
  void print_roofs(std::ostream& out, const Key& key, const Group& group) const;
  void print_group(std::ostream& out, const Key& key, const Group& group) const;

  std::map<Key, Group> groups_;
};

}  // namespace enxame
