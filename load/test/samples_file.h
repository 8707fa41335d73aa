#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace enxame::load {

/// What tests look at in a row of a samples file.
struct Row {
  std::string stage;
  double start_ms;
  double response_ms;
  double backlog_ms;
  double lateness_ms;
  double compute_ms;
  std::string outcome;
  std::string error;  ///< with its quotes

  double end_ms() const { return start_ms + response_ms; }
};

/// A samples file for the test that is running, which goes when this does.
class SamplesFile {
 public:
  ~SamplesFile() { std::filesystem::remove(path_); }

  std::string path() const { return path_.string(); }

  std::vector<std::string> lines() const {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::size_t lines_with(std::string_view text) const {
    const auto all = lines();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const auto& line) { return line.find(text) != std::string::npos; }));
  }

  /// All rows, in the order of their start.
  std::vector<Row> rows() const {
    std::vector<Row> rows;
    const auto all = lines();
    for (std::size_t i = 1; i < all.size(); ++i) rows.push_back(parse(all[i]));
    std::ranges::sort(rows, {}, &Row::start_ms);
    return rows;
  }

 private:
  static Row parse(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> fields;
    for (std::string field; fields.size() < 18 && std::getline(stream, field, ',');) {
      fields.push_back(field);
    }
    std::string error;
    std::getline(stream, error);
    return {.stage = fields.at(1),
            .start_ms = std::stod(fields.at(3)),
            .response_ms = std::stod(fields.at(4)),
            .backlog_ms = std::stod(fields.at(5)),
            .lateness_ms = std::stod(fields.at(6)),
            .compute_ms = std::stod(fields.at(11)),
            .outcome = fields.at(17),
            .error = error};
  }

  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      ("enxame-samples-" + std::to_string(::getpid()) + "-" +
       ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv");
};

}  // namespace enxame::load
