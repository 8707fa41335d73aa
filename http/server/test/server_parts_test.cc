// Answers whose bodies are made while they are sent.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "http/server/server.h"
#include "http/test/raw_peer.h"

namespace enxame::http {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\n\r\n";

/// The parts of `texts`, then their end.
std::function<bool(std::string&)> one_by_one(std::vector<std::string> texts) {
  return [texts = std::move(texts), at = std::size_t{0}](std::string& part) mutable {
    if (at == texts.size()) return false;
    part = texts[at++];
    return true;
  };
}

/// Parts of `bytes` each, without an end; counts them.
std::function<bool(std::string&)> without_end(std::atomic<int>& made, std::size_t bytes) {
  return [&made, bytes](std::string& part) {
    ++made;
    part.assign(bytes, 'x');
    return true;
  };
}

ServerOptions quiet() {
  return {.log = [](std::string_view) {}};
}

Handler answering(std::function<Response::Parts()> parts) {
  return [parts = std::move(parts)](Request&) { return Response{.parts = parts()}; };
}

TEST(Parts, AreSentInChunksWhereTheirLengthIsNotKnown) {
  Server server(quiet(), answering([] {
                  return Response::Parts{one_by_one({"", "first ", "", std::string(20, 's')})};
                }));
  RawPeer peer(server.port());
  peer.send(std::string(kGet) + "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string head = peer.receive_answer(false);
  EXPECT_THAT(head, AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                          Not(HasSubstr("Content-Length")), Not(HasSubstr("Connection"))));
  const std::string body = "6\r\nfirst \r\n14\r\n" + std::string(20, 's') + "\r\n0\r\n\r\n";
  EXPECT_EQ(peer.receive_bytes(body.size()), body);
  EXPECT_THAT(peer.receive_all(), EndsWith("\r\n\r\n" + body));  // the connection went on
}

TEST(Parts, GoOnePerMomentThatTheyAreThere) {
  std::promise<void> second;
  Server server(quiet(), [&](Request&) {
    return Response{.parts = Response::Parts{[&, at = 0](std::string& part) mutable {
                      if (++at == 2) second.get_future().wait();
                      part = std::to_string(at);
                      return at < 3;
                    }}};
  });
  RawPeer peer(server.port());
  peer.send(kGet);
  peer.receive_answer(false);
  EXPECT_EQ(peer.receive_bytes(6), "1\r\n1\r\n");  // before there is a second one
  second.set_value();
  EXPECT_EQ(peer.receive_bytes(11), "1\r\n2\r\n0\r\n\r\n");
}

TEST(Parts, AreABodyLikeAnyOtherWhereTheirLengthIsKnown) {
  Server server(quiet(), answering([] { return Response::Parts{one_by_one({"one", "two"}), 6}; }));
  RawPeer peer(server.port());
  for (int i = 0; i < 2; ++i) {
    peer.send(kGet);
    const std::string answer = peer.receive_answer();
    EXPECT_THAT(answer, Not(HasSubstr("chunked")));
    EXPECT_EQ(body_of(answer), "onetwo");
  }
}

TEST(Parts, MayBeNone) {
  Server server(quiet(), [](Request& request) {
    return Response{.parts = request.path == "/known" ? Response::Parts{one_by_one({}), 0}
                                                      : Response::Parts{one_by_one({})}};
  });
  RawPeer peer(server.port());
  peer.send("GET /known HTTP/1.1\r\n\r\n");
  EXPECT_THAT(peer.receive_answer(), HasSubstr("Content-Length: 0\r\n"));
  peer.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_of(peer.receive_all()), "0\r\n\r\n");
}

TEST(Parts, AreNotMadeForHead) {
  std::atomic<int> made = 0;
  Server server(quiet(), [&](Request& request) {
    Response::Parts parts{without_end(made, 10)};
    if (request.path == "/known") parts.bytes = 30;
    return Response{.parts = std::move(parts)};
  });
  RawPeer peer(server.port());
  peer.send("HEAD / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(peer.receive_answer(false), HasSubstr("Transfer-Encoding: chunked\r\n"));
  peer.send("HEAD /known HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(peer.receive_all(), AllOf(HasSubstr("Content-Length: 30\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_EQ(made, 0);
}

TEST(Parts, EndWithTheConnectionForAClientThatDoesNotKnowChunks) {
  Server server(quiet(), answering([] { return Response::Parts{one_by_one({"one", "two"})}; }));
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = peer.receive_all();
  EXPECT_THAT(answer, AllOf(HasSubstr("Connection: close\r\n"), Not(HasSubstr("chunked")),
                            Not(HasSubstr("Content-Length"))));
  EXPECT_EQ(body_of(answer), "onetwo");
}

TEST(Parts, ThatCannotBeginAreAnswersLikeAHandlersErrors) {
  Server server(quiet(), [](Request& request) {
    return Response{
        .parts = Response::Parts{[missing = request.path == "/missing"](std::string&) -> bool {
          if (missing) throw Error(404, "no such thing");
          throw std::runtime_error("no disk");
        }}};
  });
  RawPeer peer(server.port());
  peer.send("GET /missing HTTP/1.1\r\n\r\n");
  const std::string missing = peer.receive_answer();
  EXPECT_EQ(status_of(missing), "404");
  EXPECT_EQ(body_of(missing), R"({"error":"no such thing"})");
  peer.send(kGet);
  EXPECT_EQ(body_of(peer.receive_answer()), R"({"error":"internal error: no disk"})");
}

/// What a client gets, and what the log and after_write() are told, of an answer of parts.
struct Ended {
  std::string received;
  std::string log;
  bool written;
};

Ended answer_of(Response::Parts parts) {
  std::promise<bool> written;
  std::string log;
  std::string received;
  {
    Server server({.log = [&](std::string_view line) { log += line; }}, [&](Request&) {
      return Response{.parts = parts, .after_write = [&](bool whole) { written.set_value(whole); }};
    });
    RawPeer peer(server.port());
    peer.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    received = body_of(peer.receive_all());
  }
  return {received, log, written.get_future().get()};
}

TEST(Parts, ThatBreakOffEndTheConnectionWithoutTheLastChunk) {
  const Ended ended = answer_of({[at = 0](std::string& part) mutable {
    if (++at == 2) throw std::runtime_error("the disk is gone");
    part = "one";
    return true;
  }});
  EXPECT_EQ(ended.received, "3\r\none\r\n");
  EXPECT_THAT(ended.log, HasSubstr("the answer ends after 3 bytes: the disk is gone"));
  EXPECT_FALSE(ended.written);
}

TEST(Parts, AreHeldToTheirLength) {
  const Ended fewer = answer_of({one_by_one({"one", "two"}), 7});
  EXPECT_EQ(fewer.received, "onetwo");
  EXPECT_THAT(fewer.log, HasSubstr("6 of the 7 bytes"));
  EXPECT_FALSE(fewer.written);
  const Ended more = answer_of({one_by_one({"one", "two"}), 5});
  EXPECT_EQ(more.received, "one");
  EXPECT_THAT(more.log, HasSubstr("more than the 5 bytes"));
  EXPECT_FALSE(more.written);
  EXPECT_TRUE(answer_of({one_by_one({"one", "two"}), 6}).written);
}

/// A server whose answers have no end, and what becomes of one.
class Endless {
 public:
  explicit Endless(ServerOptions options)
      : server_(std::move(options), [this](Request&) {
          return Response{.parts = Response::Parts{without_end(made_, std::size_t{64} << 10)},
                          .after_write = [this](bool whole) { written_.set_value(whole); }};
        }) {}

  std::uint16_t port() const { return server_.port(); }

  /// Waits until the server has ended it; returns whether it was sent whole.
  bool written() { return written_.get_future().get(); }
  int made() const { return made_; }

 private:
  std::atomic<int> made_ = 0;
  std::promise<bool> written_;
  Server server_;
};

TEST(Parts, AreMadeNoFurtherForAReaderThatStandsStill) {
  ServerOptions options = quiet();
  options.request_timeout = 200ms;
  Endless endless(options);
  RawPeer peer(endless.port(), 64 * 1024);
  peer.send(kGet);
  peer.receive_bytes(10'000);
  EXPECT_FALSE(endless.written());
  EXPECT_LT(endless.made(), 1'000);  // what buffers of sockets hold, and no more
}

TEST(Parts, AreMadeNoFurtherForAReaderThatGoesAway) {
  Endless endless(quiet());
  RawPeer peer(endless.port(), 64 * 1024);
  peer.send(kGet);
  peer.receive_bytes(200'000);
  peer.close();
  EXPECT_FALSE(endless.written());
  const int made = endless.made();
  EXPECT_LT(made, 1'000);
}

TEST(Parts, HaveTimeForASlowReader) {
  constexpr std::size_t kPart = std::size_t{256} << 10;
  ServerOptions options = quiet();
  options.request_timeout = 500ms;
  std::promise<bool> written;
  Server server(options, [&](Request&) {
    return Response{
        .parts = Response::Parts{one_by_one(std::vector(48, std::string(kPart, 'x'))), 48 * kPart},
        .after_write = [&](bool whole) { written.set_value(whole); }};
  });
  RawPeer peer(server.port(), 64 * 1024);
  peer.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  auto whole = written.get_future();
  std::size_t received = 0;
  while (whole.wait_for(30ms) == std::future_status::timeout) {
    received += peer.receive_bytes(128 * 1024).size();
  }
  EXPECT_TRUE(whole.get());
  EXPECT_GT(received + peer.receive_all().size(), 48 * kPart);
}

TEST(Parts, CountAsBeingSentOneAtATime) {
  constexpr std::size_t kPart = std::size_t{256} << 10;
  ServerOptions options = quiet();
  options.max_in_flight_bytes = kPart + 4096;
  Server server(options, [](Request& request) {
    const std::size_t part = request.path == "/large" ? 2 * kPart : kPart;
    return Response{
        .parts = Response::Parts{one_by_one(std::vector(8, std::string(part, 'x'))), 8 * part}};
  });
  RawPeer peer(server.port());
  peer.send(kGet);
  EXPECT_EQ(body_of(peer.receive_answer()).size(), 8 * kPart);
  peer.send("GET /large HTTP/1.1\r\n\r\n");
  const std::string refused = peer.receive_answer();
  EXPECT_EQ(status_of(refused), "503");
  EXPECT_THAT(refused, HasSubstr("--max-in-flight"));
}

}  // namespace
}  // namespace enxame::http
