#include "http/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Answers with what it understood of the request.
Response echo(Request& request) {
  if (request.path == "/missing") throw Error(404, "no such thing: \"missing\"");
  if (request.path == "/broken") throw std::logic_error("a bug");
  Response response;
  if (request.path == "/nothing") response.status = 204;
  response.body = request.method + " " + request.path + " " + request.body;
  return response;
}

class ServerTest : public ::testing::Test {
 protected:
  Server server_{ServerOptions{.common_headers = {{"X-Common", "yes"}}}, echo};
  RawPeer peer_{server_.port()};

  std::string ask(std::string_view request) {
    peer_.send(request);
    return peer_.receive_answer();
  }
};

TEST_F(ServerTest, AnswersRequestsOnOneConnection) {
  for (int i = 0; i < 3; ++i) {
    const std::string answer = ask("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nX-Common: yes\r\n"));
    EXPECT_EQ(body_of(answer), "GET /a ");
  }
}

TEST_F(ServerTest, TakesHeadersInAnyOrderAndCaseAndManyPieces) {
  const std::string request =
      "POST /a HTTP/1.1\r\ncOnTeNt-LeNgTh:5\r\nX-Other: y\r\nhost: localhost\r\n\r\nhello";
  for (const char byte : request) peer_.send({&byte, 1});
  EXPECT_EQ(body_of(peer_.receive_answer()), "POST /a hello");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  peer_.send(
      "POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\n\r\n"
      "POST /3 HTTP/1.1\r\nContent-Length: 2\r\n\r\nde");
  EXPECT_EQ(body_of(peer_.receive_answer()), "POST /1 abc");
  EXPECT_EQ(body_of(peer_.receive_answer()), "GET /2 ");
  EXPECT_EQ(body_of(peer_.receive_answer()), "POST /3 de");
}

TEST_F(ServerTest, TakesAMissingLengthAsAnEmptyBody) {
  EXPECT_EQ(body_of(ask("POST /a HTTP/1.1\r\nHost: localhost\r\n\r\n")), "POST /a ");
  EXPECT_EQ(body_of(ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")), "OPTIONS * ");
}

TEST_F(ServerTest, ErrorsOfTheHandlerLeaveTheConnectionUsable) {
  const std::string missing = ask("POST /missing HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(status_of(missing), "404");
  EXPECT_EQ(body_of(missing), R"({"error":"no such thing: \"missing\""})");
  EXPECT_THAT(missing, HasSubstr("X-Common"));
  const std::string broken = ask("GET /broken HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_of(broken), "500");
  EXPECT_EQ(body_of(broken), R"({"error":"internal error: a bug"})");
  EXPECT_EQ(status_of(ask("GET /a HTTP/1.1\r\n\r\n")), "200");
}

TEST_F(ServerTest, RefusesMalformedRequestsAndCloses) {
  for (const char* request :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\n\n", "GET /%zz HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello"}) {
    RawPeer peer(server_.port());
    peer.send(request);
    const std::string answer = peer.receive_all();
    EXPECT_EQ(status_of(answer), "400") << request;
    EXPECT_THAT(body_of(answer), StartsWith("{\"error\":\"")) << request;
    EXPECT_THAT(answer, HasSubstr("Connection: close")) << request;
  }
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  peer_.send("HEAD /a HTTP/1.1\r\n\r\n");
  EXPECT_THAT(peer_.receive_answer(false), HasSubstr("Content-Length: 8\r\n"));
  EXPECT_EQ(body_of(ask("GET /b HTTP/1.1\r\n\r\n")), "GET /b ");
}

TEST_F(ServerTest, Sends204WithoutBodyAndLength) {
  const std::string answer = ask("GET /nothing HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_of(answer), "204");
  EXPECT_THAT(answer, Not(HasSubstr("\r\nContent-")));
  EXPECT_EQ(body_of(ask("GET /b HTTP/1.1\r\n\r\n")), "GET /b ");
}

TEST_F(ServerTest, ClosesWhenAskedTo) {
  peer_.send("GET /a HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(peer_.receive_all(), HasSubstr("Connection: close\r\n"));
  RawPeer old(server_.port());
  old.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(old.receive_all()), "GET /a ");
  RawPeer kept(server_.port());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(kept.receive_answer(), HasSubstr("Connection: keep-alive\r\n"));
  }
}

TEST_F(ServerTest, InvitesABodyThatWaitsToBeInvited) {
  peer_.send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(peer_.receive_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(ask("hello")), "POST /a hello");
}

TEST_F(ServerTest, CarriesLargeBodiesBothWays) {
  const std::string large(9'000'000, 'x');
  std::thread sender([&] {
    peer_.send("POST /a HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n");
    peer_.send(large);
    peer_.send("GET /next HTTP/1.1\r\n\r\n");
  });
  EXPECT_EQ(body_of(peer_.receive_answer()), "POST /a " + large);
  EXPECT_EQ(body_of(peer_.receive_answer()), "GET /next ");
  sender.join();
}

TEST(Server, DoesNotCallTheHandlerForABodyCutShort) {
  std::atomic<int> calls = 0;
  Server server({}, [&](Request&) {
    ++calls;
    return Response{};
  });
  RawPeer peer(server.port());
  peer.send("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  peer.end_sending();
  EXPECT_TRUE(peer.ends());
  EXPECT_TRUE(server.drain(milliseconds(10'000)));
  EXPECT_EQ(calls, 0);
}

TEST(Server, TellsAfterWriteOnceWhatBecameOfTheAnswer) {
  std::promise<bool> written;
  std::promise<void> gone;
  Server server({}, [&](Request& request) {
    Response response;
    if (request.path == "/bad") response.headers = {{"X", "two\r\nlines"}};
    if (request.path == "/late") {
      gone.get_future().wait();
      // More than the socket buffers hold, so that the write cannot succeed.
      response.body.assign(std::size_t{64} << 20, 'x');
    }
    // set_value() throws when it is called twice, and the test's future would see the first.
    response.after_write = [&](bool ok) { written.set_value(ok); };
    return response;
  });
  const auto next = [&] {
    const bool result = written.get_future().get();
    written = {};
    return result;
  };
  {
    RawPeer peer(server.port());
    peer.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(next());
    peer.receive_answer();
    peer.send("GET /bad HTTP/1.1\r\n\r\n");
    EXPECT_FALSE(next());
    EXPECT_EQ(status_of(peer.receive_answer()), "500");
  }
  RawPeer peer(server.port());
  peer.send("GET /late HTTP/1.1\r\n\r\n");
  peer.close();
  gone.set_value();
  EXPECT_FALSE(next());
}

TEST(Server, KnowsWhetherThePeerIsStillThere) {
  std::promise<void> waiting;
  std::promise<void> closed;
  std::promise<std::pair<bool, bool>> connected;
  Server server({}, [&](Request& request) {
    const bool before = request.peer_connected();
    waiting.set_value();
    closed.get_future().wait();
    connected.set_value({before, request.peer_connected()});
    return Response{};
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\nGET /pipelined");
  waiting.get_future().wait();
  peer.close();
  closed.set_value();
  EXPECT_EQ(connected.get_future().get(), std::make_pair(true, false));
}

TEST(Server, ClosesAfterEveryAnswerWhereItIsToldTo) {
  Server server({.connections = Connections::per_request}, [](Request&) { return Response{}; });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  const std::string answers = peer.receive_all();
  EXPECT_THAT(answers, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(answers.find("HTTP/1.1", 1), std::string::npos);
}

TEST(Server, SendsWhatIsStoredFromWhereItLies) {
  const auto stored = std::make_shared<const std::string>(3'000'000, 'x');
  Server server({}, [&](Request&) {
    Response response{.body = "<"};
    response.shared = {stored, *stored, ">"};
    return response;
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(body_of(peer.receive_answer()), "<" + *stored + ">");
  peer.send("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(peer.receive_answer(false), HasSubstr("Content-Length: 3000002\r\n"));
  EXPECT_EQ(body_of(peer.receive_answer()), "<" + *stored + ">");
}

TEST(Server, NamesTheAddressThatItCannotListenOn) {
  Server first({}, echo);
  try {
    Server second(ServerOptions{.port = first.port()}, echo);
    FAIL() << "two servers listen on one port";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + std::to_string(first.port())));
  }
}

}  // namespace
}  // namespace enxame::http
