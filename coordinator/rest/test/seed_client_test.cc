// What clients of the original system send, byte for byte: other header orders, no Content-Type,
// HTTP/1.0, one connection per call.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/rest/test/api_server.h"
#include "http/test/raw_peer.h"

namespace enxame::coordinator {
namespace {

using http::body_of;
using http::status_of;
using testing::HasSubstr;

constexpr const char* kTask = R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";
constexpr const char* kProduct = R"({"result":"[[19,22],[43,50]]"})";

class SeedClientTest : public testing::Test {
 protected:
  /// Every call on a connection of its own that the server closes.
  std::string call(const std::string& request) {
    http::RawPeer peer(server_.port());
    peer.send(request);
    return peer.receive_all();
  }
  static std::string length_of(const std::string& body) { return std::to_string(body.size()); }

  ApiServer server_;
};

TEST_F(SeedClientTest, WorksWithOneConnectionPerCall) {
  const std::string task(kTask);
  const std::string product(kProduct);
  EXPECT_EQ(body_of(call("POST /task HTTP/1.1\r\ncontent-length: " + length_of(task) +
                         "\r\nconnection: close\r\nhost: localhost:8080\r\n\r\n" + task)),
            R"({"taskId":1})");
  EXPECT_EQ(
      body_of(call("GET /task/next?workerId=worker-17 HTTP/1.1\r\nConnection: close\r\n\r\n")),
      R"({"taskId":1,"data":{"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}})");
  EXPECT_EQ(
      body_of(call("POST /task/1/result HTTP/1.1\r\nAccept: */*\r\nContent-Length: " +
                   length_of(product) + "\r\nContent-Type: application/x-www-form-urlencoded" +
                   "\r\nConnection: close\r\n\r\n" + product)),
      R"({"taskId":1,"status":"completed","result":"[[19,22],[43,50]]"})");
  const std::string answer = call(
      "GET /result/1 HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: http://localhost:8081\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_EQ(body_of(answer), R"({"taskId":1,"status":"completed","result":"[[19,22],[43,50]]"})");
  EXPECT_THAT(answer, HasSubstr("\r\nAccess-Control-Allow-Origin: http://localhost:8081\r\n"));
}

TEST_F(SeedClientTest, WorksWithHttp10) {
  const std::string task(kTask);
  EXPECT_EQ(body_of(call("POST /task HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: " +
                         length_of(task) + "\r\n\r\n" + task)),
            R"({"taskId":1})");
  EXPECT_EQ(body_of(call("GET /result/1 HTTP/1.0\r\n\r\n")),
            R"({"taskId":1,"status":"pending","result":""})");
}

TEST_F(SeedClientTest, WorksOverOneConnectionInMixedOrderWithErrorsBetween) {
  http::RawPeer peer(server_.port());
  const auto ask = [&](const std::string& request) {
    peer.send(request);
    return peer.receive_answer();
  };
  const std::string task(kTask);
  EXPECT_EQ(status_of(ask("GET /task/next?workerId=w HTTP/1.1\r\n\r\n")), "204");
  EXPECT_EQ(status_of(ask("OPTIONS /task HTTP/1.1\r\nOrigin: http://localhost:8081\r\n"
                          "Access-Control-Request-Method: POST\r\n\r\n")),
            "200");
  EXPECT_EQ(status_of(ask("POST /task HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")), "400");
  EXPECT_EQ(status_of(ask("GET /result/9 HTTP/1.1\r\n\r\n")), "404");
  EXPECT_EQ(status_of(ask("DELETE /stats HTTP/1.1\r\n\r\n")), "405");
  EXPECT_EQ(
      body_of(ask("POST /task HTTP/1.1\r\nContent-Length: " + length_of(task) + "\r\n\r\n" + task)),
      R"({"taskId":1})");
  EXPECT_EQ(body_of(ask("GET /stats HTTP/1.1\r\n\r\n")),
            R"({"totalTasks":1,"completedTasks":0,"activeTasks":0,"queueSize":1})");
}

}  // namespace
}  // namespace enxame::coordinator
