#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace enxame {

/// A console reporter that also collects the rates of benchmarks named "GROUP/SUBJECT/DTYPE/N" from
/// their counter "GFLOP/s" and prints them as tables at the end: the median over the repetitions,
/// its ratio to the reference and its share of its roof: what a subject of the group "roof"
/// reached.
class RateTable : public benchmark::ConsoleReporter {
 public:
  /// The name of the roof of a subject's own instructions.
  using RoofOf = std::function<std::string(const std::string& group, const std::string& subject)>;

  explicit RateTable(RoofOf roof_of) : ConsoleReporter(OO_Tabular), roof_of_(std::move(roof_of)) {}

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

  /// The rate of that roof; 0 when it was not measured.
  double roof(const std::string& dtype, const std::string& name) const;
  void print_roofs(std::ostream& out, const Key& key, const Group& group) const;
  void print_group(std::ostream& out, const Key& key, const Group& group) const;

  RoofOf roof_of_;
  std::map<Key, Group> groups_;
};

}  // namespace enxame
