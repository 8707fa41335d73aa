#include "http/client/client.h"

#include <Poco/Net/ServerSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// A server that says what a test tells it to, connection by connection.
class ScriptedServer {
 public:
  using Script = std::function<void(RawPeer&, int connection)>;

  explicit ScriptedServer(Script script)
      : script_(std::move(script)), listener_(Poco::Net::SocketAddress("127.0.0.1", 0)) {
    thread_ = std::thread([this] {
      for (int connection = 0;; ++connection) {
        RawPeer peer(listener_.acceptConnection());
        if (stopping_) return;
        try {
          script_(peer, connection);
        } catch (const std::exception&) {
          // The client went away, which some scripts provoke.
        }
      }
    });
  }
  ~ScriptedServer() {
    stopping_ = true;
    RawPeer wake(port());
    thread_.join();
  }
  std::uint16_t port() { return listener_.address().port(); }

 private:
  Script script_;
  Poco::Net::ServerSocket listener_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

Origin at(std::uint16_t port) { return {"127.0.0.1", port}; }

std::string failure_of(Client& client, const Call& call) {
  try {
    client.send(call);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no failure";
}

TEST(Origin, ReadsHostAndPort) {
  EXPECT_EQ(to_string(Origin::parse("http://localhost:8080/")), "http://localhost:8080");
  EXPECT_EQ(to_string(Origin::parse("http://[::1]:8080")), "http://[::1]:8080");
  EXPECT_EQ(Origin::parse("http://example").port, 80);
  EXPECT_FALSE(Origin::parse("http://example").has_tls);
  EXPECT_EQ(to_string(Origin::parse("https://example")), "https://example:443");
  EXPECT_TRUE(Origin::parse("https://example").has_tls);
  for (const char* url :
       {"", "localhost:8080", "ftp://x", "https://", "https://x/path", "http://", "http://x:0",
        "http://x:99999", "http://x:8a", "http://x/path", "http://:80"}) {
    EXPECT_THROW(Origin::parse(url), std::invalid_argument) << url;
  }
}

TEST(PercentEncode, IsUndoneByTheServer) {
  EXPECT_EQ(percent_encode("a b+&/%\xc3\xa9"), "a%20b%2B%26%2F%25%C3%A9");
}

TEST(Client, CarriesBodiesOfEverySizeOverOneConnection) {
  std::atomic<int> connections = 0;
  Server server({}, [&](Request& request) {
    if (request.path == "/count") return Response{.body = std::to_string(connections)};
    return Response{.content_type = "text/plain", .body = std::move(request.body)};
  });
  Client client(at(server.port()));
  for (const std::size_t size : {0u, 1u, 16'000u, 17'000u, 5'000'000u}) {
    const std::string body(size, 'x');
    const Reply reply =
        client.send({.method = "POST", .target = "/", .content_type = "text/plain", .body = body});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, body);
    EXPECT_EQ(reply.header("content-TYPE"), "text/plain");
  }
}

TEST(Client, SendsABodyInPieces) {
  Server server({}, [](Request& request) { return Response{.body = std::move(request.body)}; });
  Client client(at(server.port()));
  const std::string large(2'000'000, 'x');
  const Reply reply =
      client.send({.method = "POST", .target = "/", .pieces = {"one ", large, "", " two"}});
  EXPECT_EQ(reply.body, "one " + large + " two");
}

TEST(Client, MakesAConnectionForEachCallWhereItIsToldTo) {
  std::atomic<int> closing = 0;
  Server server({}, [&](Request& request) {
    if (request.header("Connection") == "close") ++closing;
    return Response{};
  });
  Client client(at(server.port()), {.connections = Connections::per_request});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.send({.target = "/"}).header("Connection"), "close");
  }
  EXPECT_EQ(closing, 3);
}

TEST(Client, GivesEachCallInFlightItsConnection) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> waiting = 0;
  Server server({}, [&](Request&) {
    if (++waiting == 8) release.set_value();
    released.wait();
    return Response{};
  });
  Client client(at(server.port()));
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(client.send({.target = "/"}).status, 200); });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(Client, WaitsForABodyAsLongAsItsCallMayTake) {
  ScriptedServer server([&](RawPeer& peer, int) {
    peer.receive_answer(false);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the client has read the head
    peer.send("hello");
  });
  Client client(at(server.port()), {.timeout = std::chrono::milliseconds(0)});
  EXPECT_EQ(client.send({.target = "/", .patience = std::chrono::seconds(20)}).body, "hello");
}

TEST(Client, ReplacesAConnectionThatTheServerHasClosed) {
  Server server(ServerOptions{.keep_alive_timeout = std::chrono::milliseconds(50)},
                [](Request&) { return Response{}; });
  Client client(at(server.port()));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.send({.method = "POST", .target = "/"}).status, 200);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

TEST(Client, SendsAGetOnceMoreButNotAPost) {
  // Answers one call on each connection and closes it over the second, after having seen it.
  std::atomic<int> seen = 0;
  ScriptedServer server([&](RawPeer& peer, int) {
    peer.receive_answer(false);
    ++seen;
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    peer.receive_answer(false);
    ++seen;
    peer.close();
  });
  Client client(at(server.port()));
  EXPECT_EQ(client.send({.target = "/"}).status, 204);
  EXPECT_EQ(client.send({.target = "/"}).status, 204);
  EXPECT_EQ(seen, 3);
  EXPECT_THAT(failure_of(client, {.method = "POST", .target = "/task"}),
              AllOf(HasSubstr("http://127.0.0.1:"), HasSubstr("POST /task")));
  EXPECT_EQ(seen, 4);
}

TEST(Client, SaysWhatIsWrongWithAnAnswer) {
  const auto failure = [](std::string answer) {
    ScriptedServer server([&](RawPeer& peer, int) {
      peer.receive_answer(false);
      peer.send(answer);
      peer.close();
    });
    Client client(at(server.port()), {.max_body_bytes = 100});
    return failure_of(client, {.target = "/x"});
  };
  EXPECT_THAT(failure("nonsense\r\n\r\n"), HasSubstr("starts with \"nonsense\""));
  EXPECT_THAT(failure("HTTP/1.1 2x0 OK\r\n\r\n"), HasSubstr("starts with"));
  EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), HasSubstr("\"-1\""));
  EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"), HasSubstr("at most 100"));
  EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"),
              HasSubstr("5 of 50 bytes"));
  EXPECT_THAT(failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
              HasSubstr("Transfer-Encoding"));
  EXPECT_THAT(failure(""), HasSubstr("closed before the answer"));
  EXPECT_THAT(failure(std::string(40'000, 'x')), HasSubstr("longer than"));
}

TEST(Client, GivesUpOnASilentServer) {
  Poco::Net::ServerSocket silent(Poco::Net::SocketAddress("127.0.0.1", 0));
  Client client(at(silent.address().port()), {.timeout = std::chrono::milliseconds(100)});
  EXPECT_THAT(failure_of(client, {.target = "/x"}), HasSubstr("in time"));
}

TEST(Client, SaysThatNobodyListens) {
  const std::uint16_t port = [] {
    return Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)).address().port();
  }();
  Client client(at(port));
  EXPECT_THAT(failure_of(client, {.target = "/x"}),
              AllOf(HasSubstr("http://127.0.0.1:" + std::to_string(port)), HasSubstr("refused")));
}

TEST(ClientOfAServerAtIpv6, ConnectsToAnAddressInBrackets) {
  for (const char* address : {"::1", "[::1]"}) {
    Server server({.listen = address},
                  [](Request& request) { return Response{.body = request.authority}; });
    const Origin origin = Origin::parse("http://[::1]:" + std::to_string(server.port()));
    EXPECT_EQ(Client(origin).send({.target = "/"}).body, "[::1]:" + std::to_string(server.port()));
  }
}

}  // namespace
}  // namespace enxame::http
