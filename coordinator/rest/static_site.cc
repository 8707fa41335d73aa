#include "coordinator/rest/static_site.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <memory>
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

/// Of a larger file no more than so much is in memory for each client that it is sent to.
constexpr std::size_t kPartBytes = std::size_t{256} << 10;

/// The bytes of a file from its beginning, a part at a time.
class FileReader {
 public:
  explicit FileReader(const fs::path& file)
      : name_(file.filename().string()), in_(file, std::ios::binary), left_(fs::file_size(file)) {}

  std::size_t left() const { return left_; }

  /// Throws std::runtime_error when the file cannot be read, or has become shorter.
  bool read_part(std::string& part) {
    if (left_ == 0) return false;
    part.resize(std::min(left_, kPartBytes));
    if (!in_.read(part.data(), static_cast<std::streamsize>(part.size()))) {
      throw std::runtime_error("cannot read " + name_);
    }
    left_ -= part.size();
    return true;
  }

 private:
  std::string name_;
  std::ifstream in_;
  std::size_t left_;
};

void put_file(const fs::path& file, http::Response& response) {
  const auto reader = std::make_shared<FileReader>(file);
  if (reader->left() <= kPartBytes) {
    reader->read_part(response.body);
    return;
  }
  response.parts = {.next = [reader](std::string& part) { return reader->read_part(part); },
                    .bytes = reader->left()};
}

}  // namespace

StaticSite::StaticSite(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw std::runtime_error("the site \"" + folder.string() + "\" is not a folder");
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
                      {"Content-Security-Policy", "frame-ancestors 'self'"},
                      {"X-Frame-Options", "SAMEORIGIN"},
                      {"Referrer-Policy", "no-referrer"}};
  if (http::names_tag(request.headers, "If-None-Match", tag)) {
    response.status = 304;
    return response;
  }
  response.content_type = type_of(*file);
  put_file(*file, response);
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
