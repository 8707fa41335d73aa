#include "http/server/path_prefix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

using ::testing::HasSubstr;

TEST(PathPrefix, IsReadWithOrWithoutASlashAtItsEnd) {
  EXPECT_EQ(parse_path_prefix("/enxame"), "/enxame");
  EXPECT_EQ(parse_path_prefix("/enxame/"), "/enxame");
  EXPECT_EQ(parse_path_prefix("/a/b-c_d.e~/"), "/a/b-c_d.e~");
  EXPECT_EQ(parse_path_prefix("/"), "");
  for (const char* text : {"", "enxame", "//", "//enxame", "/enxame//", "/a//b", "/../a", "/a/.",
                           "/a b", "/a%20b", "/a?b", "/a#b", "http://a/b"}) {
    EXPECT_THROW(parse_path_prefix(text), std::invalid_argument) << text;
  }
}

TEST(PathPrefix, IsTakenOffWhatIsBelowIt) {
  const auto left = [](std::string_view prefix, std::string path) {
    return take_path_prefix(prefix, path) ? path : "not below: " + path;
  };
  EXPECT_EQ(left("/enxame", "/enxame/stats"), "/stats");
  EXPECT_EQ(left("/enxame", "/enxame/"), "/");
  EXPECT_EQ(left("/enxame", "/enxame/enxame/a"), "/enxame/a");
  EXPECT_EQ(left("", "/stats"), "/stats");
  EXPECT_EQ(left("/enxame", "*"), "*");
  for (const std::string path :
       {"/", "/enxame", "/enxame2/stats", "/stats", "/Enxame/stats", "//enxame/stats"}) {
    EXPECT_EQ(left("/enxame", path), "not below: " + path);
  }
}

TEST(PathPrefix, IsWhereAServerAnswers) {
  Server server({.path_prefix = "/enxame", .log = [](std::string_view) {}}, [](Request& request) {
    return Response{.body = request.path + " " + std::string(request.parameter("a").value_or(""))};
  });
  const auto ask = [&](const std::string& target) {
    RawPeer peer(server.port());
    peer.send("GET " + target + " HTTP/1.1\r\n\r\n");
    return peer.receive_answer();
  };
  EXPECT_EQ(body_of(ask("/enxame/task/next?a=b")), "/task/next b");
  EXPECT_EQ(body_of(ask("/enxame/")), "/ ");
  const std::string other = ask("/task/next");
  EXPECT_EQ(status_of(other), "404");
  EXPECT_THAT(other, HasSubstr("/enxame/"));
}

TEST(PathPrefix, IsPartOfNoPageThatLinksMayLeadTo) {
  const auto is_page = [](const Request& request) { return request.path == "/page"; };
  Server server(
      {.access = {.is_page = is_page}, .path_prefix = "/enxame", .log = [](std::string_view) {}},
      [](Request&) { return Response{}; });
  const auto follow = [&](const std::string& target) {
    RawPeer peer(server.port());
    peer.send("GET " + target +
              " HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n"
              "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n");
    return status_of(peer.receive_answer());
  };
  EXPECT_EQ(follow("/enxame/page"), "200");
  EXPECT_EQ(follow("/enxame/task"), "403");
}

}  // namespace
}  // namespace enxame::http
