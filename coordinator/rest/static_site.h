#pragma once

#include <filesystem>
#include <optional>

#include "http/message.h"

namespace enxame::coordinator {

/// The files of one folder, as pages: "/" is index.html. They are sent so that pages are
/// cross-origin isolated (finer clocks, shared memory), and so that a browser asks each time
/// whether its copy is still the newest.
class StaticSite {
 public:
  /// Throws std::runtime_error when `folder` is none.
  explicit StaticSite(const std::filesystem::path& folder);

  /// The answer to a GET or HEAD of `request.path`; nothing when there is no such file. Only files
  /// that lie in the folder are served, and none whose name, or a folder's on the way, starts with
  /// a dot; where links lead to counts. Other sites may not frame them.
  std::optional<http::Response> find(const http::Request& request) const;

 private:
  std::optional<std::filesystem::path> locate(std::string_view path) const;

  std::filesystem::path root_;
};

}  // namespace enxame::coordinator
