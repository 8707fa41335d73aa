#include "coordinator/rest/static_site.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "http/fields.h"

namespace enxame::coordinator {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
}};

std::string type_of(const fs::path& file) {
  const std::string extension = file.extension().string();
  for (const auto& [known, type] : kTypes) {
    if (extension == known) return std::string(type);
  }
  return "application/octet-stream";
}

/// Whether every part of "/a/b.js" is an ordinary name.
bool is_plain(std::string_view path) {
  if (path.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find('/'));
    if (name.empty() || name.starts_with('.')) return false;
    path.remove_prefix(name.size());
  }
  return true;
}

std::string tag_of(const fs::path& file) {
  const auto changed = fs::last_write_time(file).time_since_epoch();
  return "\"" + std::to_string(fs::file_size(file)) + "-" +
         std::to_string(std::chrono::nanoseconds(changed).count()) + "\"";
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes(fs::file_size(file), '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw std::runtime_error("cannot read " + file.filename().string());
  }
  return bytes;
}

}  // namespace

StaticSite::StaticSite(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw std::runtime_error("the site \"" + folder.string() + "\" is no folder");
  }
  root_ = fs::canonical(folder);
}

std::optional<http::Response> StaticSite::find(const http::Request& request) const {
  const auto file = locate(request.path == "/" ? "/index.html" : request.path);
  if (!file) return std::nullopt;

  http::Response response;
  const std::string tag = tag_of(*file);
  response.headers = {{"ETag", tag},
                      {"Cache-Control", "no-cache"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Embedder-Policy", "require-corp"},
                      {"Content-Security-Policy", "frame-ancestors 'self'"}};
  if (http::names_tag(request.headers, "If-None-Match", tag)) {
    response.status = 304;
    return response;
  }
  response.content_type = type_of(*file);
  response.body = read(*file);
  return response;
}

std::optional<fs::path> StaticSite::locate(std::string_view path) const {
  if (!is_plain(path)) return std::nullopt;
  std::error_code error;
  const fs::path file = fs::canonical(root_ / path.substr(1), error);
  if (error || !fs::is_regular_file(file, error)) return std::nullopt;
  // A link inside the folder may lead out of it, or to what is hidden in it.
  const auto [end_of_root, below] =
      std::mismatch(root_.begin(), root_.end(), file.begin(), file.end());
  if (end_of_root != root_.end()) return std::nullopt;
  const bool is_hidden = std::any_of(
      below, file.end(), [](const fs::path& name) { return name.native().starts_with('.'); });
  return is_hidden ? std::nullopt : std::optional(file);
}

}  // namespace enxame::coordinator
