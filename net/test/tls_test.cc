#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <string>

#include "net/stream.h"
#include "net/test/connected.h"
#include "net/test/test_certificate.h"

namespace enxame::net {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TimePoint after(std::chrono::milliseconds time) { return Clock::now() + time; }

/// A connection whose ends have not shaken hands yet.
class TlsTest : public ::testing::Test {
 protected:
  /// Both ends, that of a client that believes the certificate and asks for `host`.
  void shake_hands(const std::string& host = "127.0.0.1") {
    auto serving = std::async(std::launch::async, [&] { server_.start_tls(tls_, after(10s)); });
    client_.start_tls(TlsClient(certificate_.certificate_file()), host, after(10s));
    serving.get();
  }

  std::string read(Stream& stream, std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t have = 0; have < size;) {
      const std::size_t received = stream.read(bytes.data() + have, size - have, after(10s));
      if (received == 0) return bytes.substr(0, have);
      have += received;
    }
    return bytes;
  }

  TestCertificate certificate_;
  TlsServer tls_{certificate_.certificate_file(), certificate_.key_file()};
  Connected connected_;
  Stream& client_ = connected_.near;
  Stream server_{connected_.far};
};

TEST_F(TlsTest, CarriesBytesBothWays) {
  shake_hands();
  const std::string small = "GET / HTTP/1.1\r\n\r\n";
  client_.write(small, Deadline(after(10s)));
  EXPECT_EQ(read(server_, small.size()), small);
  // More than records and buffers hold, in pieces of all sizes.
  std::string large(5'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 / 3);
  const std::string_view view = large;
  const std::array<std::string_view, 4> pieces{view.substr(0, 10), view.substr(10, 20'000),
                                               view.substr(20'010, 1), view.substr(20'011)};
  auto writing =
      std::async(std::launch::async, [&] { server_.write(pieces, Deadline(after(30s))); });
  EXPECT_TRUE(read(client_, large.size()) == large);
  writing.get();
}

TEST_F(TlsTest, WaitsForAServerNoLongerThanItMay) {
  EXPECT_THROW(
      client_.start_tls(TlsClient(certificate_.certificate_file()), "localhost", after(50ms)),
      TimedOut);
  EXPECT_EQ(read(server_, 2), "\x16\x03");  // a record of a handshake
}

TEST_F(TlsTest, KnowsWhatItHasDecryptedAndNotHandedOut) {
  shake_hands();
  client_.write("abcdef", Deadline(after(10s)));
  EXPECT_EQ(read(server_, 2), "ab");
  EXPECT_EQ(server_.wait_readable(-1, after(10s)), Stream::Wait::ready);
  std::array<char, 10> rest{};
  EXPECT_EQ(server_.read_available(rest.data(), rest.size()), 4U);
  EXPECT_EQ(server_.read_available(rest.data(), rest.size()), std::nullopt);
  EXPECT_EQ(server_.wait_readable(-1, after(10ms)), Stream::Wait::timed_out);
  EXPECT_THROW(server_.read(rest.data(), rest.size(), after(10ms)), TimedOut);
}

TEST_F(TlsTest, SeesTheEndOfThePeer) {
  shake_hands();
  client_.write("last", Deadline(after(10s)));
  auto lingering = std::async(std::launch::async, [&] { client_.linger(1000, after(10s)); });
  EXPECT_EQ(read(server_, 100), "last");
  server_.linger(1000, after(10s));
  lingering.get();
}

TEST_F(TlsTest, EndsAReadThatAnotherThreadEnds) {
  shake_hands();
  auto reading = std::async(std::launch::async, [&] { return read(server_, 1); });
  server_.end_reading();
  EXPECT_EQ(reading.get(), "");
}

TEST_F(TlsTest, GivesUpOnAPeerThatDoesNotRead) {
  shake_hands();
  const std::string large(20'000'000, 'x');
  EXPECT_THROW(server_.write(large, Deadline(Pace{200ms})), TimedOut);
}

TEST_F(TlsTest, GivesUpOnAPeerThatDoesNotSpeakIt) {
  EXPECT_THROW(server_.start_tls(tls_, after(50ms)), TimedOut);
  client_.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", Deadline(after(10s)));
  EXPECT_THROW(server_.start_tls(tls_, after(10s)), PlainHttp);
  // It can be told so as it speaks.
  server_.write("HTTP/1.1 400 Bad Request\r\n\r\n", Deadline(after(10s)));
  EXPECT_EQ(read(client_, 12), "HTTP/1.1 400");
}

TEST_F(TlsTest, GivesUpOnAPeerThatSpeaksNonsenseOrGoes) {
  client_.write(std::string(100, '\xff'), Deadline(after(10s)));
  EXPECT_THAT([&] { server_.start_tls(tls_, after(10s)); },
              ThrowsMessage<ConnectionError>(HasSubstr("TLS: ")));
  Connected other;
  Stream server(other.far);
  other.near.shut_down();
  EXPECT_THROW(server.start_tls(tls_, after(10s)), ConnectionError);
}

TEST_F(TlsTest, ClientsBelieveOnlyWhomTheyShould) {
  const auto refusal = [&](const TlsClient& client, const std::string& host) {
    Connected connected;
    Stream server(connected.far);
    auto serving = std::async(std::launch::async, [&] {
      EXPECT_THROW(server.start_tls(tls_, after(10s)), ConnectionError);
    });
    std::string reason = "believed";
    try {
      connected.near.start_tls(client, host, after(10s));
    } catch (const ConnectionError& error) {
      reason = error.what();
    }
    connected.near.shut_down();
    serving.wait();
    return reason;
  };
  EXPECT_THAT(refusal(TlsClient(""), "localhost"),
              AllOf(HasSubstr("not believed"), HasSubstr("self-signed")));
  const TlsClient trusting(certificate_.certificate_file());
  EXPECT_THAT(refusal(trusting, "example.org"),
              AllOf(HasSubstr("not believed"), HasSubstr("hostname mismatch")));
  EXPECT_THAT(refusal(trusting, "127.0.0.2"),
              AllOf(HasSubstr("not believed"), HasSubstr("IP address mismatch")));
  const TestCertificate another;
  EXPECT_THAT(refusal(TlsClient(another.certificate_file()), "localhost"),
              HasSubstr("not believed"));
}

TEST_F(TlsTest, BelievesNamesAndAddresses) { shake_hands("localhost"); }

TEST(TlsFiles, AreNamedWithWhatIsWrong) {
  const TestCertificate one;
  const TestCertificate other;
  const auto server_with = [](const std::string& certificate, const std::string& key) {
    return [=] { TlsServer(certificate, key); };
  };
  EXPECT_THAT(server_with("/nowhere/at/all", one.key_file()),
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("the certificate in /nowhere/at/all: No such file")));
  EXPECT_THAT(server_with(one.certificate_file(), "/nowhere/at/all"),
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("the private key in /nowhere/at/all: No such file")));
  EXPECT_THAT(server_with(one.key_file(), one.key_file()),
              ThrowsMessage<std::runtime_error>(AllOf(
                  HasSubstr("the certificate in " + one.key_file()), HasSubstr("no start line"))));
  EXPECT_THAT(server_with(one.certificate_file(), other.key_file()),
              ThrowsMessage<std::runtime_error>(AllOf(
                  HasSubstr("the private key in " + other.key_file()), HasSubstr("mismatch"))));
  std::filesystem::permissions(one.key_file(), static_cast<std::filesystem::perms>(0644));
  EXPECT_THAT(server_with(one.certificate_file(), one.key_file()),
              ThrowsMessage<std::runtime_error>(HasSubstr("open to everybody by mode 0644")));
  EXPECT_THAT([] { TlsClient("/nowhere/at/all"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("the authorities in /nowhere/at/all")));
}

}  // namespace
}  // namespace enxame::net
