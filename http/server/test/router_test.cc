#include "http/server/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "http/fields.h"

namespace enxame::http {
namespace {

using ::testing::ElementsAre;

TEST(RoutePattern, IsOnePartAfterTheOther) {
  EXPECT_TRUE(matches("/task", "/task"));
  EXPECT_FALSE(matches("/task", "/task/"));
  EXPECT_FALSE(matches("/task", "/tasks"));
  EXPECT_FALSE(matches("/task", "/"));
  EXPECT_FALSE(matches("/task", "task"));
  EXPECT_TRUE(matches("/", "/"));
}

TEST(RoutePattern, HasAnIdForAnyOnePart) {
  EXPECT_TRUE(matches("/task/{id}/result", "/task/7/result"));
  EXPECT_TRUE(matches("/task/{id}/result", "/task//result"));
  EXPECT_FALSE(matches("/task/{id}/result", "/task/7"));
  EXPECT_FALSE(matches("/task/{id}/result", "/task/7/8/result"));
  EXPECT_EQ(id_in("/task/{id}/result", "/task/7/result"), "7");
  EXPECT_EQ(id_in("/result/{id}", "/result/a%2Fb"), "a%2Fb");
  EXPECT_EQ(id_in("/result/{id}", "/result/"), "");
  EXPECT_EQ(id_in("/task", "/task"), "");
}

class Api {
 public:
  Response make(Request&) { return {.status = 201}; }
  Response look(Request& request) { return {.body = word_ + std::string(request.id)}; }

 private:
  std::string word_ = "look ";
};

constexpr std::array<Route<Api>, 2> kRoutes{{
    {"POST", "/thing", &Api::make},
    {"GET", "/thing/{id}", &Api::look, true},
}};

struct Asked {
  std::optional<Response> answer;
  std::string_view route;
};

Asked ask(const std::string& method, const std::string& path) {
  Api api;
  Request request;
  request.method = method;
  request.path = path;
  auto answer = Router<Api>(kRoutes).answer(api, request);
  return {std::move(answer), request.route};
}

TEST(Router, HasTheFunctionOfMethodAndPathAnswer) {
  EXPECT_EQ(ask("POST", "/thing").answer.value().status, 201);
  const Asked look = ask("GET", "/thing/12");
  EXPECT_EQ(look.answer.value().body, "look 12");
  EXPECT_EQ(look.route, "/thing/{id}");
  EXPECT_EQ(ask("HEAD", "/thing/12").answer.value().status, 200);
}

TEST(Router, SaysWhichMethodsAPathTakes) {
  const Asked get = ask("GET", "/thing");
  EXPECT_EQ(get.answer.value().status, 405);
  EXPECT_EQ(get.answer->body, R"({"error":"\"/thing\" does not take GET, expected POST"})");
  EXPECT_EQ(find_field(get.answer->headers, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(get.route, "/thing");
  EXPECT_EQ(ask("HEAD", "/thing").answer.value().status, 405);
  const Asked put = ask("PUT", "/thing/12");
  EXPECT_EQ(find_field(put.answer.value().headers, "Allow"), "GET, HEAD, OPTIONS");
}

TEST(Router, TakesASlashAtTheEndForNone) {
  EXPECT_EQ(ask("POST", "/thing/").answer.value().status, 201);
  const Asked look = ask("GET", "/thing/12/");
  EXPECT_EQ(look.answer.value().body, "look 12");
  EXPECT_EQ(look.route, "/thing/{id}");
  EXPECT_NE(ask("POST", "/thing//").route, "/thing");
  EXPECT_FALSE(ask("POST", "//thing").answer);
  EXPECT_FALSE(ask("GET", "/thing/12//").answer);
  EXPECT_FALSE(ask("GET", "/").answer);
  EXPECT_EQ(without_slash_at_end("/"), "/");
}

TEST(Router, LeavesOtherPathsToItsUser) {
  const Asked other = ask("GET", "/other");
  EXPECT_FALSE(other.answer);
  EXPECT_EQ(other.route, "");
  const Router<Api> router(kRoutes);
  EXPECT_FALSE(router.has("/other"));
  EXPECT_TRUE(router.has("/thing/1"));
  EXPECT_THAT(router.patterns(), ElementsAre("/thing", "/thing/{id}"));
}

}  // namespace
}  // namespace enxame::http
