#include "net/acceptor.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <optional>
#include <vector>

#include "testing/eventually.h"

namespace enxame::net {
namespace {

using namespace std::chrono_literals;
using Poco::Net::StreamSocket;

/// Sends back what comes.
class Echo : public Session {
 public:
  explicit Echo(Stream stream) : stream_(std::move(stream)) {}

  void serve() override {
    std::array<char, 100> bytes;
    while (const std::size_t size = stream_.read(bytes.data(), bytes.size(), kNever)) {
      stream_.write({bytes.data(), size}, Deadline(kNever));
    }
  }
  void end_if_idle() noexcept override { stream_.end_reading(); }
  void abort() noexcept override { stream_.shut_down(); }

 private:
  Stream stream_;
};

class EchoService : public Service {
 public:
  std::unique_ptr<Session> open(Stream stream, const std::string& peer) override {
    if (fails) throw std::runtime_error("no echo for " + peer);
    if (held) held->get_future().wait();
    return std::make_unique<Echo>(std::move(stream));
  }
  Session* evict_for(std::span<Session* const> sessions, std::string_view) override {
    if (!evicts || sessions.empty()) return nullptr;
    sessions.front()->end_if_idle();
    return sessions.front();
  }
  std::string turn_away(Refusal reason, std::string_view) override {
    ++turned_away;
    return "no: " + std::to_string(static_cast<int>(reason));
  }
  void failed(const std::exception& error, std::string_view) noexcept override {
    failures.emplace_back(error.what());
  }
  void opened() noexcept override { ++now_open; }
  void closed() noexcept override { --now_open; }
  void look_after() override {}

  bool fails = false;
  bool evicts = false;
  std::optional<std::promise<void>> held{};
  std::atomic<int> turned_away = 0;
  std::atomic<int> now_open = 0;
  std::vector<std::string> failures{};  // of one session at a time
};

/// A client with a connection of its own.
class Client {
 public:
  explicit Client(const Acceptor& acceptor, const std::string& address = "127.0.0.1")
      : socket_(Poco::Net::SocketAddress(address, acceptor.port())) {
    socket_.setReceiveTimeout(Poco::Timespan(10, 0));
  }

  std::string ask(const std::string& text) {
    socket_.sendBytes(text.data(), static_cast<int>(text.size()));
    return receive();
  }
  std::string receive() {
    std::array<char, 100> bytes;
    const int size = socket_.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
    return {bytes.data(), static_cast<std::size_t>(size)};
  }

 private:
  StreamSocket socket_;
};

class AcceptorTest : public testing::Test {
 protected:
  EchoService service_;
  Acceptor acceptor_{{.listen = "127.0.0.1", .max_sessions = 2}, service_};
};

TEST_F(AcceptorTest, ServesEachConnectionAndTellsTheOthersWhyNot) {
  acceptor_.start();
  Client first(acceptor_);
  Client second(acceptor_);
  EXPECT_EQ(first.ask("a"), "a");
  EXPECT_EQ(second.ask("b"), "b");
  Client third(acceptor_);
  EXPECT_EQ(third.receive(), "no: 0");
  EXPECT_EQ(third.receive(), "");
  EXPECT_EQ(service_.turned_away, 1);
}

TEST_F(AcceptorTest, GivesPlacesBackWithTheirConnections) {
  acceptor_.start();
  for (int i = 0; i < 20; ++i) {  // with two places
    eventually([&] { return Client(acceptor_).ask("a") == "a"; });
  }
  eventually([&] { return service_.now_open == 0; });
}

TEST_F(AcceptorTest, GivesANewcomerThePlaceOfASessionThatIsEvicted) {
  service_.evicts = true;
  acceptor_.start();
  Client first(acceptor_);
  Client second(acceptor_);
  EXPECT_EQ(first.ask("a"), "a");
  EXPECT_EQ(second.ask("b"), "b");
  Client third(acceptor_);
  EXPECT_EQ(third.ask("c"), "c");
  Client fourth(acceptor_);
  EXPECT_EQ(fourth.ask("d"), "d");
  EXPECT_EQ(service_.turned_away, 0);
}

TEST_F(AcceptorTest, GoesOnWhenASessionCannotBeOpened) {
  service_.fails = true;
  acceptor_.start();
  Client unlucky(acceptor_);
  EXPECT_EQ(unlucky.receive(), "");
  eventually([&] { return service_.now_open == 0; });
  EXPECT_THAT(service_.failures, testing::ElementsAre("no echo for 127.0.0.1"));
}

TEST_F(AcceptorTest, DrainsWhatIsIdleAndAcceptsNoMore) {
  acceptor_.start();
  Client client(acceptor_);
  EXPECT_EQ(client.ask("a"), "a");
  EXPECT_TRUE(acceptor_.drain(10s));
  EXPECT_EQ(client.receive(), "");
  EXPECT_THROW(Client{acceptor_}, Poco::Net::NetException);
  EXPECT_TRUE(acceptor_.draining());
}

TEST_F(AcceptorTest, EndsASessionThatOpensWhileItDrains) {
  service_.held.emplace();
  acceptor_.start();
  Client client(acceptor_);
  eventually([&] { return service_.now_open == 1; });
  EXPECT_FALSE(acceptor_.drain(10ms));
  service_.held->set_value();
  acceptor_.end();
  EXPECT_EQ(service_.now_open, 0);
}

TEST(AcceptorOfLocalhost, AcceptsOnEachLoopbackAddressAndEndsOnBoth) {
  EchoService service;
  Acceptor acceptor({.listen = "localhost", .max_sessions = 3}, service);
  acceptor.start();
  for (const char* address : {"127.0.0.1", "::1"}) {
    Client client(acceptor, address);
    EXPECT_EQ(client.ask("a"), "a") << address;
  }
  EXPECT_TRUE(acceptor.drain(10s));
  for (const char* address : {"127.0.0.1", "::1"}) {
    EXPECT_THROW(Client(acceptor, address), Poco::Net::NetException) << address;
  }
}

}  // namespace
}  // namespace enxame::net
