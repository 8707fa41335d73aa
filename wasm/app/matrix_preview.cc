#include "wasm/app/matrix_preview.h"

#include <cmath>
#include <optional>

#include "worker/numbers.h"

namespace enxame::app {
namespace {

constexpr std::size_t kWhole = 6;
constexpr std::size_t kFirst = 4;
constexpr double kLargestInFull = 1e9;

/// Which of `count` rows or columns are shown; nothing stands for those left out.
std::vector<std::optional<std::size_t>> shown(std::size_t count) {
  std::vector<std::optional<std::size_t>> indices;
  for (std::size_t i = 0; i < (count <= kWhole ? count : kFirst); ++i) indices.emplace_back(i);
  if (count > kWhole) {
    indices.emplace_back(std::nullopt);
    indices.emplace_back(count - 1);
  }
  return indices;
}

std::string rounded(double value) {
  const bool in_full = std::abs(value) < kLargestInFull && value == std::trunc(value);
  return worker::significant(value, in_full ? 9 : 6);
}

}  // namespace

std::vector<std::vector<std::string>> preview(const Matrix& matrix) {
  std::vector<std::vector<std::string>> rows;
  for (const auto i : shown(matrix.rows())) {
    auto& row = rows.emplace_back();
    for (const auto j : shown(matrix.cols())) {
      row.push_back(i && j ? rounded(matrix(*i, *j)) : "…");
    }
  }
  return rows;
}

}  // namespace enxame::app
