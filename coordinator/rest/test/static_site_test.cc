#include "coordinator/rest/static_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "http/fields.h"

namespace enxame::coordinator {
namespace {

namespace fs = std::filesystem;

class StaticSiteTest : public testing::Test {
 protected:
  StaticSiteTest() {
    write(base_ / "secret.txt", "secret");
    write(base_ / "site-2" / "page.html", "another site");
    write(root_ / "index.html", "<html>");
    write(root_ / "worker.js", "js");
    write(root_ / "a" / "b.wasm", "wasm");
    write(root_ / ".hidden", "hidden");
    fs::create_symlink(base_ / "secret.txt", root_ / "link.txt");
    fs::create_symlink(root_ / "worker.js", root_ / "inside.js");
    write(root_ / ".git" / "config", "hidden");
    fs::create_symlink(".hidden", root_ / "shown.txt");
    fs::create_symlink(".git", root_ / "folder");
  }
  ~StaticSiteTest() override { fs::remove_all(base_); }

  static fs::path make_folder() {
    std::string name = (fs::temp_directory_path() / "enxame-site-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
  }
  static void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::optional<http::Response> get(const std::string& path, const std::string& tag = "") {
    http::Request request;
    request.path = path;
    if (!tag.empty()) request.headers = {{"If-None-Match", tag}};
    return StaticSite(root_).find(request);
  }

  fs::path base_ = make_folder();
  fs::path root_ = base_ / "site";
};

TEST_F(StaticSiteTest, TellsBrowsersToKeepItsPagesToThemselves) {
  for (const auto& [field, value] : std::vector<std::pair<const char*, const char*>>{
           {"Cross-Origin-Opener-Policy", "same-origin"},
           {"Cross-Origin-Embedder-Policy", "require-corp"},
           {"Content-Security-Policy", "frame-ancestors 'self'"},
           {"X-Frame-Options", "SAMEORIGIN"},
           {"Referrer-Policy", "no-referrer"}}) {
    EXPECT_EQ(http::find_field(get("/")->headers, field), value);
    EXPECT_EQ(http::find_field(get("/worker.js")->headers, field), value);
  }
}

TEST_F(StaticSiteTest, ServesFilesWithTheirTypes) {
  EXPECT_EQ(get("/")->body, "<html>");
  EXPECT_EQ(get("/index.html")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(get("/worker.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/inside.js")->body, "js");
  EXPECT_EQ(get("/a/b.wasm")->content_type, "application/wasm");
  EXPECT_EQ(get("/a/b.wasm")->body, "wasm");
}

TEST_F(StaticSiteTest, ServesNothingElse) {
  for (const std::string& path :
       {std::string("/none"), std::string("/a"), std::string("/a/"), std::string("//worker.js"),
        std::string("/../secret.txt"), std::string("/a/../worker.js"), std::string("/./worker.js"),
        std::string("/../site-2/page.html"), std::string("/..\\secret.txt"),
        std::string("/.hidden"), std::string("/link.txt"), std::string("/shown.txt"),
        std::string("/folder/config"), std::string("/a%2Fb.wasm"), std::string("/worker.js\0x", 12),
        std::string("/worker.js/"), std::string("*"), (base_ / "secret.txt").string()}) {
    EXPECT_FALSE(get(path)) << path;
  }
}

TEST_F(StaticSiteTest, IsolatesPagesAndHasThemAskedForAgain) {
  const auto page = get("/");
  EXPECT_EQ(http::find_field(page->headers, "Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(http::find_field(page->headers, "Cross-Origin-Embedder-Policy"), "require-corp");
  EXPECT_EQ(http::find_field(page->headers, "Content-Security-Policy"), "frame-ancestors 'self'");
  EXPECT_EQ(http::find_field(page->headers, "Cache-Control"), "no-cache");
  const std::string tag(http::find_field(page->headers, "ETag"));
  EXPECT_EQ(get("/", tag)->status, 304);
  EXPECT_EQ(get("/", tag)->body, "");
  for (const std::string& tags : {"W/" + tag, "\"a\", " + tag, std::string("*")}) {
    EXPECT_EQ(get("/", tags)->status, 304) << tags;
  }
  EXPECT_EQ(get("/", "\"another\"")->status, 200);
  write(root_ / "index.html", "<html>changed");
  EXPECT_EQ(get("/", tag)->status, 200);
}

TEST_F(StaticSiteTest, RefusesAFolderThatIsNone) {
  EXPECT_THROW(StaticSite(root_ / "none"), std::runtime_error);
  EXPECT_THROW(StaticSite(root_ / "index.html"), std::runtime_error);
}

TEST_F(StaticSiteTest, SendsLargeFilesInParts) {
  constexpr std::size_t kBytes = 600'000;
  std::string text(kBytes, 'a');
  text.front() = 'b';
  text.back() = 'c';
  write(root_ / "large.wasm", text);
  const auto answer = get("/large.wasm");
  ASSERT_TRUE(answer && answer->parts);
  EXPECT_EQ(answer->parts->bytes, kBytes);
  std::string sent;
  std::size_t largest = 0;
  for (std::string part; answer->parts->next(part);) {
    sent += part;
    largest = std::max(largest, part.size());
  }
  EXPECT_EQ(sent, text);
  EXPECT_LE(largest, kBytes / 2);
}

TEST_F(StaticSiteTest, SaysSoWhenAFileBecomesShorterWhileItIsSent) {
  write(root_ / "large.wasm", std::string(600'000, 'a'));
  const auto answer = get("/large.wasm");
  ASSERT_TRUE(answer && answer->parts);
  fs::resize_file(root_ / "large.wasm", 1'000);
  std::string part;
  EXPECT_THROW(answer->parts->next(part), std::runtime_error);
}

}  // namespace
}  // namespace enxame::coordinator
