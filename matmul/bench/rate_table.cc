#include "matmul/bench/rate_table.h"

#include <algorithm>
#include <iomanip>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace enxame {
namespace {

constexpr const char* kReference = "blas";
constexpr const char* kRoofs = "roof";
constexpr int kColumn = 21;

std::vector<std::string> split_name(const std::string& name) {
  std::vector<std::string> parts;
  std::istringstream stream(name);
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  return parts;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <typename Rates>
std::optional<double> median_at(const Rates& rates, const std::string& subject, int order) {
  const auto of_subject = rates.find(subject);
  if (of_subject == rates.end()) return std::nullopt;
  const auto at_order = of_subject->second.find(order);
  if (at_order == of_subject->second.end()) return std::nullopt;
  return median(at_order->second);
}

std::string cell(std::optional<double> rate, std::optional<double> reference, double roof) {
  std::ostringstream text;
  text << std::fixed;
  if (!rate) return "-";
  text << std::setprecision(1) << *rate;
  if (reference) text << "  " << std::setprecision(2) << *rate / *reference;
  if (roof > 0) text << "  [" << std::setprecision(2) << *rate / roof << "]";
  return text.str();
}

}  // namespace

void RateTable::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    const auto rate = run.counters.find("GFLOP/s");
    if (run.run_type != Run::RT_Iteration || run.error_occurred || rate == run.counters.end()) {
      continue;
    }
    const std::vector<std::string> name = split_name(run.run_name.function_name);
    Group& group = groups_[{name.at(2), name.at(0)}];
    auto& rates = group.rates[name.at(1)];
    if (rates.empty()) group.subjects.push_back(name.at(1));
    rates[std::stoi(name.at(3))].push_back(rate->second);
  }
  std::vector<Run> medians;
  std::ranges::copy_if(runs, std::back_inserter(medians),
                       [](const Run& run) { return run.aggregate_name == "median"; });
  if (!medians.empty()) ConsoleReporter::ReportRuns(medians);
}

double RateTable::roof(const std::string& dtype, const std::string& name) const {
  const auto roofs = groups_.find({dtype, kRoofs});
  if (roofs == groups_.end()) return 0;
  const auto named = roofs->second.rates.find(name);
  return named == roofs->second.rates.end() ? 0 : median(named->second.begin()->second);
}

void RateTable::print(std::ostream& out) const {
  for (const auto& [key, group] : groups_) {
    if (key.second == kRoofs) {
      print_roofs(out, key, group);
    } else {
      print_group(out, key, group);
    }
  }
}

void RateTable::print_roofs(std::ostream& out, const Key& key, const Group& group) const {
  out << "\n" << key.first << ", GFLOP/s out of registers alone\n" << std::fixed;
  for (const auto& [subject, by_order] : group.rates) {
    out << "  " << std::left << std::setw(20) << subject << std::right << std::setprecision(1)
        << std::setw(8) << median(by_order.begin()->second) << "\n";
  }
}

void RateTable::print_group(std::ostream& out, const Key& key, const Group& group) const {
  const auto kernels = groups_.find({key.first, "kernel"});
  out << "\n" << key.first << ", " << key.second << ": GFLOP/s";
  if (kernels != groups_.end() && kernels->second.rates.contains(kReference)) {
    out << ", ratio to " << kReference;
  }
  out << ", share of the roof in brackets\n" << std::setw(7) << "n";
  std::set<int> orders;
  std::vector<std::string> subjects = group.subjects;
  std::ranges::sort(subjects);
  for (const std::string& subject : subjects) {
    out << std::setw(kColumn) << subject;
    for (const auto& [order, rates] : group.rates.at(subject)) orders.insert(order);
  }
  out << "\n" << std::setw(7) << "";
  for (const std::string& subject : subjects) {
    out << std::setw(kColumn) << "[" + roof_of_(key.second, subject) + "]";
  }
  out << "\n";
  for (const int order : orders) {
    out << std::setw(7) << order;
    std::optional<double> reference;
    if (kernels != groups_.end()) {
      reference = median_at(kernels->second.rates, kReference, order);
    }
    for (const std::string& subject : subjects) {
      out << std::setw(kColumn)
          << cell(median_at(group.rates, subject, order), reference,
                  roof(key.first, roof_of_(key.second, subject)));
    }
    out << "\n";
  }
}

}  // namespace enxame
